// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.ipc;

import dev.chaperone.model.ipc.Activity;
import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.model.ipc.Ledger;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/**
 * What a user may see of the agent besides questions: their own records only. Methods read files
 * and block.
 */
public interface UserViews {
    /** What was decided about the user's messages, newest first. */
    List<Activity> activity(long uid, Instant since) throws IOException;

    /** What is collected about the user, and what is exempt. */
    Ledger ledger(long uid, String language) throws IOException;

    /** Deletes the values kept for restoring the user's answers; how many there were. */
    long forget(long uid) throws IOException;

    /** Every condition for being protected; counts are of the user's own messages. */
    List<Check> checks(long uid, String language);
}
