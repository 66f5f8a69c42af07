// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.sync;

/** The server, or the way to it, said no. The message is one clear line for the person. */
public final class ServerRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    ServerRefusedException(String message) {
        super(message);
    }
}
