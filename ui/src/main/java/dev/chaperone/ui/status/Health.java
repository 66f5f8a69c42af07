// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.status;

import dev.chaperone.model.ipc.AgentStatus;
import java.util.List;

/**
 * How it is with the agent.
 *
 * @param state in one word
 * @param status what the agent said last
 */
public record Health(State state, AgentStatus status) {
    /** The words for it. */
    public enum State {
        /** No agent to talk to. */
        AWAY("connecting"),
        /** It is there and has not said how it is. */
        UNKNOWN("unknown"),
        /** This user has paused; nothing is inspected until then. */
        PAUSED("paused"),
        PROTECTED("protected"),
        UNPROTECTED("unprotected");

        private final String key;

        State(String key) {
            this.key = key;
        }

        /** Part of the keys of its words. */
        public String key() {
            return key;
        }
    }

    /** No agent. */
    public static Health away() {
        return new Health(State.AWAY, new AgentStatus(0, "", List.of()));
    }

    /** An agent that said this. */
    public static Health of(AgentStatus status) {
        if (status.pause() != null && status.pause().until() != null) {
            return new Health(State.PAUSED, status);
        }
        if (status.checks().isEmpty()) {
            return new Health(State.UNKNOWN, status);
        }
        boolean bad = status.checks().stream().anyMatch(c -> c.state() == AgentStatus.State.BAD);
        return new Health(bad ? State.UNPROTECTED : State.PROTECTED, status);
    }
}
