// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.ipc;

import dev.chaperone.agent.pause.PauseException;
import dev.chaperone.model.ipc.Activity;
import dev.chaperone.model.ipc.AgentStatus;
import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.model.ipc.Ledger;
import dev.chaperone.model.ipc.PauseRequest;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a user may see of the agent and do about it besides questions: their own only. Methods read
 * or write files and block, unless they say otherwise.
 */
public interface UserViews {
    /** What was decided about the user's messages, newest first. */
    List<Activity> activity(long uid, Instant since) throws IOException;

    /** What is collected about the user, and what is exempt. */
    Ledger ledger(long uid, String language) throws IOException;

    /** Deletes the values kept for restoring the user's answers; how many there were. */
    long forget(long uid) throws IOException;

    /**
     * Lets the user's connections pass uninspected for a while.
     *
     * @return when inspection goes on by itself
     * @throws PauseException when policy does not allow it
     */
    Instant pause(long uid, PauseRequest request) throws PauseException;

    /** Ends the user's pause; false when there was none. */
    boolean resume(long uid);

    /** What the user may do about inspection; empty where policy allows no pause. At once. */
    Optional<AgentStatus.Pause> pausing(long uid);

    /**
     * Every condition for being protected but those of {@link #pauseChecks}; counts are of the
     * user's own messages.
     */
    List<Check> checks(long uid, String language);

    /** The condition that nobody has paused; none where policy allows no pause. At once. */
    List<Check> pauseChecks(long uid, String language);
}
