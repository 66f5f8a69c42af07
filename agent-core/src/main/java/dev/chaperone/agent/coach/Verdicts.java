// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.coach;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.chaperone.agent.coach.Consultation.News;
import dev.chaperone.model.ipc.AnswerRequest.Via;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What was ruled, by content. In memory, for an hour after the last use; keys are hashes, and the
 * only text kept is what a person wrote in place of a segment. Guarded by its desk's lock.
 */
final class Verdicts {
    private static final int MAX_RULINGS = 10_000;
    private static final Duration KEPT = Duration.ofHours(1);

    private final Cache<ContentKey, Remembered> rulings =
            Caffeine.newBuilder().maximumSize(MAX_RULINGS).expireAfterAccess(KEPT).build();

    /** The id of a content's question: a question that comes back is the same one. */
    private final Cache<ContentKey, UUID> questions =
            Caffeine.newBuilder().maximumSize(MAX_RULINGS).expireAfterAccess(KEPT).build();

    /** Questions whose id no event has yet. An event's id is used once. */
    private final Cache<UUID, Boolean> withoutEvent =
            Caffeine.newBuilder().maximumSize(MAX_RULINGS).expireAfterWrite(KEPT).build();

    /** Who answered what, and where. */
    record Given(UUID question, Via via, int reasonLength) {}

    /** A ruling with the answer that it came from; {@code given} is null for an on-timeout. */
    static final class Remembered {
        private final Ruling ruling;
        private final @Nullable Given given;
        private final CountDownLatch recorded;
        private boolean news;

        Remembered(Ruling ruling, @Nullable Given given, CountDownLatch recorded) {
            this.ruling = ruling;
            this.given = given;
            this.recorded = recorded;
            this.news = given != null;
        }

        Ruling ruling() {
            return ruling;
        }

        CountDownLatch recorded() {
            return recorded;
        }

        @Nullable UUID question() {
            return given == null ? null : given.question();
        }

        /** True once: for the first request that the answer takes effect for. */
        boolean takeNews() {
            boolean was = news;
            news = false;
            return was;
        }

        News news(Set<Integer> segments) {
            return new News(
                    segments,
                    given == null ? Via.TERMINAL : given.via(),
                    given == null ? 0 : given.reasonLength(),
                    recorded);
        }
    }

    List<Subject> unknown(List<Subject> subjects) {
        return subjects.stream().filter(s -> rulings.getIfPresent(s.key()) == null).toList();
    }

    Optional<Remembered> of(Subject subject) {
        return Optional.ofNullable(rulings.getIfPresent(subject.key()));
    }

    /** What tells that the event of an answer was written, for each ruling there is. */
    List<CountDownLatch> recorded(List<Subject> subjects) {
        return subjects.stream().flatMap(s -> of(s).stream()).map(Remembered::recorded).toList();
    }

    /** The rulings there are, by segment. */
    Map<Integer, Ruling> rulings(List<Subject> subjects) {
        Map<Integer, Ruling> known = new HashMap<>();
        subjects.forEach(s -> of(s).ifPresent(r -> known.put(s.segment(), r.ruling())));
        return known;
    }

    /**
     * What holds where every subject is ruled on.
     *
     * @param prompt tells the key of the prompt; asked only where a cancellation is among them
     */
    Optional<Consultation> all(List<Subject> subjects, Supplier<ContentKey> prompt) {
        Map<Integer, Remembered> known = new HashMap<>();
        subjects.forEach(s -> of(s).ifPresent(r -> known.put(s.segment(), r)));
        if (known.size() < subjects.size()) {
            return Optional.empty();
        }
        Map<Integer, Ruling> ruled = new HashMap<>();
        Set<Integer> news = new HashSet<>();
        Optional<Remembered> first = Optional.empty();
        for (Map.Entry<Integer, Remembered> entry : known.entrySet()) {
            ruled.put(entry.getKey(), entry.getValue().ruling());
            if (entry.getValue().takeNews()) {
                news.add(entry.getKey());
                first = Optional.of(entry.getValue());
            }
        }
        return Optional.of(
                new Consultation(
                        ruled,
                        Set.of(),
                        cancelled(ruled, prompt),
                        first.map(Remembered::question).orElse(null),
                        first.flatMap(r -> eventId(r.question())).orElse(null),
                        first.map(r -> r.news(news))));
    }

    /** Whether exactly this prompt was cancelled. */
    static boolean cancelled(Map<Integer, Ruling> rulings, Supplier<ContentKey> prompt) {
        List<Ruling> cancelled =
                rulings.values().stream().filter(r -> r.kind() == Ruling.Kind.CANCEL).toList();
        if (cancelled.isEmpty()) {
            return false;
        }
        ContentKey same = prompt.get();
        return cancelled.stream().anyMatch(r -> r.prompt().equals(same));
    }

    void remember(OpenQuestion open, Map<Integer, Ruling> ruled, @Nullable Given given) {
        CountDownLatch recorded = new CountDownLatch(given == null ? 0 : 1);
        for (Subject subject : open.subjects) {
            Ruling ruling = ruled.get(subject.segment());
            if (ruling != null && rulings.getIfPresent(subject.key()) == null) {
                rulings.put(subject.key(), new Remembered(ruling, given, recorded));
            }
        }
    }

    UUID questionId(ContentKey content, Supplier<UUID> make) {
        UUID known = questions.getIfPresent(content);
        if (known != null) {
            return known;
        }
        UUID fresh = make.get();
        questions.put(content, fresh);
        withoutEvent.put(fresh, true);
        return fresh;
    }

    /** The question's id for its first event; empty when an event has it already. */
    Optional<UUID> eventId(@Nullable UUID question) {
        return question != null && withoutEvent.asMap().remove(question) != null
                ? Optional.of(question)
                : Optional.empty();
    }
}
