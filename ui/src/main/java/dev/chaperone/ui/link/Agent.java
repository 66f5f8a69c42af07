// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.link;

import dev.chaperone.model.ipc.Activity;
import dev.chaperone.model.ipc.Answered;
import dev.chaperone.model.ipc.Choice;
import dev.chaperone.model.ipc.Ledger;
import dev.chaperone.model.ipc.Paused;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * What can be asked of an agent. Nothing blocks; results come on any thread. They fail with {@link
 * AgentException}.
 */
public interface Agent {
    /** Answers a question. */
    CompletableFuture<Answered> answer(UUID question, Choice choice);

    /** What was decided, newest first. */
    CompletableFuture<List<Activity>> activity();

    /** What is collected about this user. */
    CompletableFuture<Ledger> ledger();

    /** Deletes the kept redacted values; how many there were. */
    CompletableFuture<Long> forget();

    /**
     * Lets this user's connections pass uninspected for a while, where policy allows it.
     *
     * @param reason why; empty where policy asks for none
     */
    CompletableFuture<Paused> pause(int minutes, String reason);

    /** Ends this user's pause; false when there was none. */
    CompletableFuture<Boolean> resume();
}
