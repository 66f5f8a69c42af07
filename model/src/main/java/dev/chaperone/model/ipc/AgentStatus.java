// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.ipc;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Params of {@link Ipc#STATUS}: what doctor would say, in the reader's language.
 *
 * @param open how many questions of this user are open
 * @param version version of the agent
 * @param checks every condition for being protected; empty until they were looked at
 */
public record AgentStatus(int open, String version, List<Check> checks) {
    public AgentStatus {
        checks = List.copyOf(checks);
    }

    /**
     * One condition.
     *
     * @param name a stable name, as in {@code doctor --json}
     * @param state how it is
     * @param says what was found, for people
     * @param remedy what to do about it, or empty
     * @param evidence what it was seen by, such as files and figures; null when {@code says} holds
     *     it all
     */
    public record Check(
            String name, State state, String says, String remedy, @Nullable String evidence) {
        /** One whose sentence says it all. */
        public Check(String name, State state, String says, String remedy) {
            this(name, state, says, remedy, null);
        }
    }

    /** How a condition is. */
    public enum State {
        OK,
        /** Works, but should be known. */
        NOTE,
        /** Not protected. */
        BAD
    }
}
