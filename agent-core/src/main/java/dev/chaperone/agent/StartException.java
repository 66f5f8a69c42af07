// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

/** The agent cannot start. The message is one clear line for the person. */
public final class StartException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int exitStatus;

    /**
     * @param exitStatus 2 for bad input, 3 for the environment
     */
    public StartException(int exitStatus, String message) {
        super(message);
        this.exitStatus = exitStatus;
    }

    public int exitStatus() {
        return exitStatus;
    }
}
