// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector;

import dev.chaperone.model.prompt.Answer;
import dev.chaperone.model.prompt.ClientProcess;
import dev.chaperone.model.prompt.Exchange;
import dev.chaperone.model.prompt.NotInspected;
import dev.chaperone.model.prompt.Prompt;
import java.time.Duration;

/**
 * The port through which the proxy asks what to do with a prompt (DESIGN §4.9). {@link #decide} and
 * {@link #verify} are called on a virtual thread; they may block to the rule's deadline and are
 * interrupted when the client goes. A throw is the policy's fail verdict, computed beforehand.
 */
public interface PromptGate {
    /**
     * Decides on a prompt before any byte of it leaves. {@code prompt.notInspected()} names what
     * nobody could read.
     */
    Verdict decide(Exchange exchange, Prompt prompt) throws InterruptedException;

    /**
     * Looks at exactly what will be sent after a rewrite, read again from its bytes.
     *
     * @return {@link Verdict.Forward} when nothing that was to be redacted is left, else {@link
     *     Verdict.Refuse}
     */
    Verdict verify(Exchange exchange, Prompt asSent) throws InterruptedException;

    /**
     * Records that a redaction was decided but cannot be made (signed body, unknown encoding), so
     * that nothing is sent.
     *
     * @param code stable error code
     */
    Refusal notRedactable(Exchange exchange, String code);

    /**
     * What becomes of a prompt when {@link #decide} throws or overruns: the policy's fail verdict.
     * Must not block on what may have failed.
     */
    Verdict onFailure(Exchange exchange, String code);

    /**
     * How long from now {@link #decide} means to go on waiting for a person's answer about this
     * exchange; not positive when it does not wait for one. A decision that waits has not overrun.
     */
    default Duration asking(Exchange exchange) {
        return Duration.ZERO;
    }

    /**
     * What is to come back as real values in the answer to an exchange; asked once, when the
     * answer's head is there. Called on the event loop: must not block.
     */
    default Restoration restoration(Exchange exchange) {
        return Restoration.NONE;
    }

    /** Told that a request to no declared endpoint passed on an opened host, unparsed. */
    void passedUnmatched(Exchange exchange, long bytes);

    /**
     * Told of an answer, or a part of the exchange, that passed without having been read. Never
     * delays it.
     */
    void answerUnread(Exchange exchange, NotInspected why);

    /**
     * Told when the first body byte of an answer came, and how long that was after the request had
     * been passed on. On an event loop: returns at once.
     */
    default void firstAnswer(Exchange exchange, Duration waited) {}

    /** Told of an answer once it ended. Never delays the answer. */
    void answered(Exchange exchange, Answer answer);

    /**
     * Told of input that is no HTTP, TLS or WebSocket, or an upstream that failed; {@code exchange}
     * as far as it is known.
     */
    void failed(String serviceId, String host, String code);

    /**
     * Told of a connection to an opened host whose bytes passed as they were. On an event loop:
     * returns at once.
     *
     * @param code stable error code that says why
     */
    default void passedUnopened(String serviceId, String host, String code) {}

    /**
     * Whether anybody's connections pass unopened for a while: only then is a connection made to
     * wait until its owner is known. On an event loop: returns at once.
     */
    default boolean pausing() {
        return false;
    }

    /** Whether this client's connections pass unopened now. On an event loop: returns at once. */
    default boolean isPaused(ClientProcess client) {
        return false;
    }

    /**
     * Told of a connection or request to an opened host that passes unread as its user paused. On
     * an event loop: returns at once.
     */
    default void passedPaused(String serviceId, String host, ClientProcess client) {}
}
