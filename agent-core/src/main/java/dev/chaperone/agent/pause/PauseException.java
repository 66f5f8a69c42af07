// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.pause;

/** A pause that is not made. The message is one line for the person, without what they wrote. */
public final class PauseException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int code;

    /**
     * @param code an error code of {@link dev.chaperone.model.ipc.Ipc}
     */
    public PauseException(int code, String message) {
        super(message);
        this.code = code;
    }

    public int code() {
        return code;
    }
}
