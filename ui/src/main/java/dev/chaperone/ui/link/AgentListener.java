// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.link;

import dev.chaperone.model.ipc.AgentStatus;
import dev.chaperone.model.ipc.Notice;
import dev.chaperone.model.ipc.Question;
import dev.chaperone.model.ipc.Settled;
import java.util.List;

/** What an agent tells. Called on the link's thread; must not block. */
public interface AgentListener {
    /**
     * The agent is there.
     *
     * @param open every open question; those that are not in it are settled
     * @param read when it was read, {@link System#nanoTime}
     */
    void connected(List<Question> open, long read);

    /** The agent is gone; the link keeps trying. */
    void disconnected();

    /**
     * A new question.
     *
     * @param read when it was read, {@link System#nanoTime}
     */
    void asked(Question question, long read);

    /** A question needs no answer any more. */
    void withdrawn(Settled settled);

    /** Something was decided without asking. */
    void noticed(Notice notice);

    /** How the agent is. */
    void status(AgentStatus status);
}
