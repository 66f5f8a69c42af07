// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.chaperone.model.prompt.Prompt;
import dev.chaperone.model.prompt.Segment;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Remembers which content an event was already written for, so that retries and resent history
 * raise a counter instead of making a second event (DESIGN §4.4). Keeps keyed 64-bit hashes for an
 * hour, never text. Thread-safe.
 */
final class SeenContent {
    private static final int MAX_SEGMENTS = 50_000;
    private static final Duration KEPT = Duration.ofHours(1);

    private final long key = ThreadLocalRandom.current().nextLong();
    private final Cache<Long, UUID> events =
            Caffeine.newBuilder().maximumSize(MAX_SEGMENTS).expireAfterWrite(KEPT).build();

    /** What of a prompt is new. */
    sealed interface Novelty {
        /**
         * Some of it.
         *
         * @param segments indexes of the segments that were not seen before
         */
        record Fresh(Set<Integer> segments) implements Novelty {}

        /** None of it: the event that was written for it. */
        record Repeat(UUID event) implements Novelty {}
    }

    /** Compares a prompt with what was seen; call {@link #remember} once its event is written. */
    Novelty compare(String service, Prompt prompt) {
        Set<Integer> fresh = new HashSet<>();
        Optional<UUID> known = Optional.empty();
        for (Segment segment : prompt.segments()) {
            UUID event = events.getIfPresent(hash(service, segment.text()));
            if (event == null) {
                fresh.add(segment.index());
            } else {
                known = Optional.of(event);
            }
        }
        return fresh.isEmpty() && known.isPresent() && prompt.notInspected().isEmpty()
                ? new Novelty.Repeat(known.get())
                : new Novelty.Fresh(fresh);
    }

    void remember(String service, List<Segment> segments, UUID event) {
        for (Segment segment : segments) {
            long hash = hash(service, segment.text());
            if (events.getIfPresent(hash) == null) {
                events.put(hash, event);
            }
        }
    }

    /** Later repeats of these segments count for another event than before. */
    void replace(String service, Prompt prompt, Set<Integer> segments, UUID event) {
        segments.forEach(i -> events.put(hash(service, prompt.segments().get(i).text()), event));
    }

    /**
     * A keyed multiply-xor hash: collisions cost a counter, so that cryptographic strength is not
     * needed.
     */
    private long hash(String service, String text) {
        long h = key ^ service.hashCode();
        for (int i = 0; i < text.length(); i++) {
            h = (h ^ text.charAt(i)) * 0x9E3779B97F4A7C15L;
            h ^= h >>> 29;
        }
        return h ^ text.length();
    }
}
