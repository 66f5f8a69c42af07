// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.trust;

/** A file or tool that cannot be dealt with; the message says what, where and the remedy. */
public final class TrustException extends Exception {
    private static final long serialVersionUID = 1L;

    TrustException(String message) {
        super(message);
    }
}
