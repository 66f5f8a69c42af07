// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.sync;

import dev.chaperone.model.event.Event;
import java.util.List;
import java.util.Map;

/**
 * {@code POST /v1/events} on the agents' listener: what a device recorded, in the order of its
 * sequence numbers and without gaps: each number from {@code from} to {@code to} is an event's or
 * lies in a loss. At most {@value #MAX_EVENTS} events or {@value #MAX_BYTES} bytes of JSON; sent
 * with {@code content-encoding: gzip}. A batch may be sent again: what is known is skipped.
 *
 * @param epoch the store's epoch; a higher one starts at 1
 * @param from first sequence number, inclusive
 * @param to last sequence number, inclusive; {@code from - 1} for a batch that only has repeats
 * @param events ascending by {@code seq}, each of this epoch
 * @param losses ascending, disjoint
 * @param repeats id of an event sent before → how often it was seen again by now; the highest
 *     number counts
 */
public record EventBatch(
        long epoch,
        long from,
        long to,
        List<Event> events,
        List<Loss> losses,
        Map<String, Integer> repeats) {
    public static final int MAX_EVENTS = 500;
    public static final int MAX_BYTES = 1 << 20;

    public EventBatch {
        events = List.copyOf(events);
        losses = List.copyOf(losses);
        repeats = Map.copyOf(repeats);
    }

    /**
     * Numbers whose events are gone.
     *
     * @param from first, inclusive
     * @param to last, inclusive
     * @param reason {@code crash} or {@code overflow}
     */
    public record Loss(long from, long to, String reason) {}

    /** Whether each number from {@code from} to {@code to} is spoken for once. */
    public boolean complete() {
        long next = from;
        int event = 0;
        int loss = 0;
        while (next <= to) {
            if (event < events.size() && events.get(event).seq() == next) {
                next++;
                event++;
            } else if (loss < losses.size()
                    && losses.get(loss).from() == next
                    && losses.get(loss).to() >= next) {
                next = losses.get(loss).to() + 1;
                loss++;
            } else {
                return false;
            }
        }
        return next == to + 1 && event == events.size() && loss == losses.size();
    }

    /**
     * The server's answer, only after commit: everything up to {@code seq} of {@code epoch} is
     * durable there. With status 409 it says where the server is, and the device goes on from
     * there.
     *
     * @param epoch epoch of the device's store that the server knows
     * @param seq highest number without a gap before it; 0 for nothing
     */
    public record HighWater(long epoch, long seq) {}
}
