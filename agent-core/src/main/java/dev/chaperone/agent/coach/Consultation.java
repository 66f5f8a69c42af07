// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.coach;

import dev.chaperone.model.ipc.AnswerRequest.Via;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * What a consultation brought.
 *
 * @param rulings what holds, by segment; a segment asked about and not ruled was not answered
 * @param unanswered segments that take the rule's {@code on-timeout}
 * @param samePrompt true if a cancellation among the rulings was made for exactly this prompt
 * @param question the question, or null when nobody was asked now
 * @param eventId the id the event is to have, or null for any
 * @param news set when an answer takes effect for the first time: its event is due
 */
public record Consultation(
        Map<Integer, Ruling> rulings,
        Set<Integer> unanswered,
        boolean samePrompt,
        @Nullable UUID question,
        @Nullable UUID eventId,
        Optional<News> news) {
    /** Nobody had to be asked. */
    public static final Consultation NONE =
            new Consultation(Map.of(), Set.of(), false, null, null, Optional.empty());

    public Consultation {
        rulings = Map.copyOf(rulings);
        unanswered = Set.copyOf(unanswered);
    }

    /**
     * An answer that takes effect for the first time.
     *
     * @param segments the segments it is about
     * @param via where it was given
     * @param reasonLength characters of the reason; 0 without one
     * @param recorded counted down once the event is written
     */
    public record News(Set<Integer> segments, Via via, int reasonLength, CountDownLatch recorded) {
        public News {
            segments = Set.copyOf(segments);
        }
    }

    /** To be called when the event of an answer was written, or could not be. */
    public void recorded() {
        news.ifPresent(n -> n.recorded().countDown());
    }
}
