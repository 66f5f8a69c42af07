// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.coach;

/** An answer that is not taken. The message is one line for the person, without prompt text. */
public final class AnswerException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int code;

    /**
     * @param code an error code of {@link dev.chaperone.model.ipc.Ipc}
     */
    public AnswerException(int code, String message) {
        super(message);
        this.code = code;
    }

    public int code() {
        return code;
    }
}
