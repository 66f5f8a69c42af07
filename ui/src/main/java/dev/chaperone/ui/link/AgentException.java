// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.link;

/** Why the agent did not do what was asked. The message is the agent's one line, or ours. */
public final class AgentException extends Exception {
    private static final long serialVersionUID = 1L;

    /** The code when there is no agent, or it did not answer in time; no code of JSON-RPC. */
    public static final int NO_AGENT = 0;

    private final int code;

    public AgentException(int code, String message) {
        super(message);
        this.code = code;
    }

    /** An error code of {@link dev.chaperone.model.ipc.Ipc}, or {@link #NO_AGENT}. */
    public int code() {
        return code;
    }

    /** The code of a failed future's cause; {@link #NO_AGENT} for any other failure. */
    public static int codeOf(Throwable failure) {
        Throwable cause = failure.getCause() != null ? failure.getCause() : failure;
        return failure instanceof AgentException own
                ? own.code()
                : cause instanceof AgentException wrapped ? wrapped.code() : NO_AGENT;
    }
}
