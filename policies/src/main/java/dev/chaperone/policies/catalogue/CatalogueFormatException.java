// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies.catalogue;

/** A catalogue file that cannot be used. */
public final class CatalogueFormatException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String source;
    private final int line;
    private final String reason;

    /**
     * @param source the file, as the user named it
     * @param line from 1; 0 when the whole file is meant
     * @param reason what was expected, what was seen, what to do
     */
    public CatalogueFormatException(String source, int line, String reason) {
        super(source + ":" + line + ": " + reason);
        this.source = source;
        this.line = line;
        this.reason = reason;
    }

    public String source() {
        return source;
    }

    public int line() {
        return line;
    }

    public String reason() {
        return reason;
    }
}
