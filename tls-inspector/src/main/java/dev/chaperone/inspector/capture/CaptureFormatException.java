// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.capture;

/** A file that holds no recorded traffic that can be read. */
public final class CaptureFormatException extends Exception {
    private static final long serialVersionUID = 1L;

    CaptureFormatException(String reason) {
        super(reason);
    }
}
