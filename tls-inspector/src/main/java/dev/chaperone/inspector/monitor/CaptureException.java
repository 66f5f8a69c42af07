// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.monitor;

/** Nothing can be captured here; the message is one line that says why and what to do. */
public final class CaptureException extends Exception {
    private static final long serialVersionUID = 1;

    private final boolean badFile;

    CaptureException(String message, Throwable cause) {
        super(message, cause);
        this.badFile = false;
    }

    private CaptureException(String message) {
        super(message);
        this.badFile = true;
    }

    /** The capture file is at fault, not this machine. */
    static CaptureException badFile(String message) {
        return new CaptureException(message);
    }

    /** Whether another file would do. */
    public boolean isBadFile() {
        return badFile;
    }
}
