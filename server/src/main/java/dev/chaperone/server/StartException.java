// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server;

/** The environment does not let the server start. The message is one clear line for the person. */
public final class StartException extends Exception {
    private static final long serialVersionUID = 1L;

    public StartException(String message) {
        super(message);
    }
}
