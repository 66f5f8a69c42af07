// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector;

import dev.chaperone.model.prompt.Answer;
import dev.chaperone.model.prompt.Exchange;
import dev.chaperone.model.prompt.Prompt;

/**
 * The port through which the proxy asks what to do with a prompt (DESIGN §4.9). Called on a virtual
 * thread; it may block to the rule's deadline and is interrupted when the client goes. A throw is
 * the policy's fail verdict, computed beforehand.
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
     * Told of content that leaves without having been read and without a hold: unknown endpoints,
     * answers over the limit.
     */
    void passedUnread(Exchange exchange, Prompt unread);

    /** Told of an answer once it ended. Never delays the answer. */
    void answered(Exchange exchange, Answer answer);

    /**
     * What becomes of a prompt when {@link #decide} throws or overruns. Computed without any I/O.
     */
    Verdict onFailure(Exchange exchange);
}
