// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.http;

/** A body whose content encoding is unknown, malformed or too large once undone. */
public final class UndecodableException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Why. */
    public enum Reason {
        UNKNOWN_CODING,
        MALFORMED,
        TOO_LARGE
    }

    private final Reason reason;

    UndecodableException(Reason reason) {
        super(reason.name());
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
