// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.monitor;

/** Nothing can be captured here; the message is one line that says why and what to do. */
public final class CaptureException extends Exception {
    private static final long serialVersionUID = 1;

    CaptureException(String message, Throwable cause) {
        super(message, cause);
    }
}
