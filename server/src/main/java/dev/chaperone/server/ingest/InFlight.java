// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.ingest;

import dev.chaperone.server.http.Problem;
import java.util.HashMap;
import java.util.Map;

/**
 * How many batches are on their way in: bounded in all, for memory, and for each device, so that
 * one that trickles its bodies keeps nobody else out. A device sends one batch at a time; the
 * second is for the retry of a connection that broke unnoticed. Thread-safe.
 */
final class InFlight {
    static final int OF_A_DEVICE = 2;
    static final int IN_ALL = 64;

    private final Map<Long, Integer> devices = new HashMap<>();
    private int all;

    /**
     * Lets a batch in; {@link #leave} must follow.
     *
     * @throws Problem 429 when there are too many
     */
    synchronized void enter(long device) {
        int own = devices.getOrDefault(device, 0);
        if (own >= OF_A_DEVICE || all >= IN_ALL) {
            throw Problem.overloaded();
        }
        devices.put(device, own + 1);
        all++;
    }

    synchronized void leave(long device) {
        all--;
        devices.computeIfPresent(device, (_, n) -> n == 1 ? null : n - 1);
    }
}
