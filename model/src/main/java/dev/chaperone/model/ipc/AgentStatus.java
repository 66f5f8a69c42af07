// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.ipc;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Params of {@link Ipc#STATUS}: what doctor would say, in the reader's language.
 *
 * @param open how many questions of this user are open
 * @param version version of the agent
 * @param checks every condition for being protected; empty until they were looked at
 * @param pause what this user may do about inspection; null where policy allows no pause
 */
public record AgentStatus(int open, String version, List<Check> checks, @Nullable Pause pause) {
    public AgentStatus {
        checks = List.copyOf(checks);
    }

    /** One under a policy that allows no pause. */
    public AgentStatus(int open, String version, List<Check> checks) {
        this(open, version, checks, null);
    }

    /**
     * That this user may pause, and has.
     *
     * @param longest of one pause, minutes
     * @param reasonRequired whether a pause needs a reason
     * @param until when the pause that lasts ends; null when none does
     */
    public record Pause(int longest, boolean reasonRequired, @Nullable Instant until) {}

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
