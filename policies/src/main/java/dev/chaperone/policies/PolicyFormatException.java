// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

/**
 * A policy document that cannot be used: {@code p.yaml:5: unknown key 'whenn', did you mean
 * 'when'?}. The message names file, line, key and remedy; it holds no text of a test case.
 */
public final class PolicyFormatException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String source;
    private final int line;
    private final String reason;

    /**
     * @param source the document's name, for example its file name
     * @param line from 1
     * @param reason what was expected and what to do; one line
     */
    public PolicyFormatException(String source, int line, String reason) {
        super(source + ":" + line + ": " + reason);
        this.source = source;
        this.line = line;
        this.reason = reason;
    }

    public String source() {
        return source;
    }

    /** From 1. */
    public int line() {
        return line;
    }

    public String reason() {
        return reason;
    }
}
