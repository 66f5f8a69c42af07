// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.ipc;

/** Names, numbers and bounds of the protocol. */
public final class Ipc {
    /**
     * Longest line that the agent reads, bytes without the line feed; a longer one ends the link. A
     * question is shorter than this; a list of them may be longer.
     */
    public static final int MAX_LINE = 1 << 20;

    /** Longest path of a Unix domain socket, bytes (unix(7): 108 with its NUL). */
    public static final int MAX_PATH = 107;

    // UI → agent
    /** Registers this connection for its user's questions; params {@code {language?, watch?}}. */
    public static final String SUBSCRIBE = "subscribe";

    /** Param of {@link #SUBSCRIBE}: true from who only looks, and so can answer no question. */
    public static final String WATCH = "watch";

    /** Lists open questions; params {@code {language?}}, result {@code Question[]}. */
    public static final String PENDING = "pending";

    /** Answers a question; params {@link AnswerRequest}, result {@link Answered}. */
    public static final String ANSWER = "answer";

    /** The last questions that are settled; result {@link Settled}{@code []}, oldest first. */
    public static final String HISTORY = "history";

    /**
     * What was decided about this user's messages, newest first, 500 at most; params {@code
     * {since?}} (RFC 3339), result {@link Activity}{@code []}.
     */
    public static final String ACTIVITY = "activity";

    /**
     * What is collected about this user, and every exception in force; params {@code {language?}},
     * result {@link Ledger}.
     */
    public static final String LEDGER = "ledger";

    /**
     * Deletes the redacted values that are kept for restoring this user's answers; result: how many
     * there were.
     */
    public static final String FORGET = "forget";

    /**
     * Lets this user's connections pass uninspected for a while, where policy allows it; params
     * {@link PauseRequest}, result {@link Paused}.
     */
    public static final String PAUSE = "pause";

    /** Ends this user's pause; result: whether there was one. */
    public static final String RESUME = "resume";

    // agent → UI, notifications
    /** A new question; params {@link Question}. */
    public static final String COACH = "coach";

    /** A question that needs no answer any more; params {@link Settled}. */
    public static final String WITHDRAWN = "withdrawn";

    /** Something was decided that needs no answer; params {@link Notice}. */
    public static final String NOTIFY = "notify";

    /** Sent after {@code subscribe} and on change; params {@link AgentStatus}. */
    public static final String STATUS = "status";

    // error codes: JSON-RPC 2.0 §5.1, then ours
    public static final int PARSE_ERROR = -32700;
    public static final int INVALID_REQUEST = -32600;
    public static final int METHOD_NOT_FOUND = -32601;
    public static final int INVALID_PARAMS = -32602;
    public static final int INTERNAL_ERROR = -32603;

    /** The peer's user may not talk to this agent. */
    public static final int FOREIGN_PEER = -32001;

    /** No open question has that id. */
    public static final int NO_SUCH_QUESTION = -32002;

    /** The id names more than one open question. */
    public static final int AMBIGUOUS = -32003;

    /** The question was answered before. */
    public static final int ALREADY_ANSWERED = -32004;

    /** The guard does not let this process decide that. */
    public static final int NOT_ALLOWED = -32005;

    private Ipc() {}
}
