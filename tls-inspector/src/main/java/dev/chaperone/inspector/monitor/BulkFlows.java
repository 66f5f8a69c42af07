// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.monitor;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Connections that send so much that the kernel is to copy no more of them. Counts by hash, not by
 * address: only what is muted is remembered, at most {@value #MAX_MUTED}. For one thread.
 */
final class BulkFlows {
    /**
     * The filter's length is bounded: the kernel takes 4096 instructions, each of these costs 8.
     */
    static final int MAX_MUTED = 32;

    /** After this much the hello is long past. */
    static final int BULK = 256 << 10;

    private static final int BUCKETS = 1024;

    private final int[] sent = new int[BUCKETS];
    private final Deque<Flow> muted = new ArrayDeque<>();

    /**
     * Counts a packet.
     *
     * @return true when what is muted changed
     */
    boolean count(Packet packet) {
        Flow flow = packet.flow();
        if (flow.datagrams()) {
            return false; // of QUIC only the handshake is copied anyway
        }
        int bucket = Math.floorMod(flow.hashCode(), BUCKETS);
        if (packet.opens() || packet.ends()) {
            sent[bucket] = 0;
            return muted.remove(flow);
        }
        sent[bucket] += packet.payload().remaining();
        if (sent[bucket] < BULK || muted.contains(flow)) {
            return false;
        }
        sent[bucket] = 0;
        if (muted.size() == MAX_MUTED) {
            muted.removeFirst();
        }
        return muted.add(flow);
    }

    /** In the order in which they were muted. */
    Iterable<Flow> muted() {
        return muted;
    }
}
