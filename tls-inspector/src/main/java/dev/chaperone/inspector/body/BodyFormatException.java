// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.body;

/** A body that is not what it should be. Carries no text of it. */
public final class BodyFormatException extends Exception {
    private static final long serialVersionUID = 1L;

    /** What is wrong. */
    public enum Reason {
        MALFORMED,
        /** Two members of one name with different values: readers would disagree. */
        DUPLICATE_NAME,
        NOT_UTF8,
        TOO_DEEP
    }

    private final Reason reason;

    public BodyFormatException(Reason reason) {
        // Hostile bodies can raise many: no stack trace, which nobody would read.
        super(reason.name(), null, false, false);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
