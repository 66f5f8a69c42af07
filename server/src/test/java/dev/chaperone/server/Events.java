// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server;

import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Outcome;
import dev.chaperone.model.decision.Stage;
import dev.chaperone.model.event.Event;
import dev.chaperone.model.sync.EventBatch;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.LongStream;

/** Events of the tests. */
final class Events {
    private Events() {}

    /** What differs between the events of the tests. */
    record Kind(
            String user,
            String service,
            String app,
            Map<String, Integer> findings,
            Action action,
            Outcome outcome,
            Instant at) {}

    static final Instant AT = Instant.parse("2026-11-25T11:00:00Z");

    static Kind by(String user) {
        return new Kind(user, "assistant", "browser", Map.of(), Action.ALLOW, Outcome.SENT, AT);
    }

    static Event event(long seq, Kind kind) {
        UUID id = UUID.randomUUID();
        return new Event(
                id,
                1,
                1,
                seq,
                kind.at(),
                1,
                kind.service(),
                "conversation",
                "prompt",
                "assistant.example",
                null,
                new Event.App(kind.app(), null, null),
                Event.Actor.PERSON,
                kind.user(),
                null,
                "code",
                kind.findings(),
                Map.of(),
                Map.of(),
                Stage.REQUEST,
                kind.action(),
                "a-rule",
                "because",
                kind.outcome(),
                Map.of(),
                null,
                0,
                10,
                100,
                "baseline",
                List.of(),
                id);
    }

    static EventBatch batch(List<Event> events) {
        return new EventBatch(
                1, events.getFirst().seq(), events.getLast().seq(), events, List.of(), Map.of());
    }

    /** A batch of the numbers from … to, each of one person. */
    static EventBatch batch(long from, long to) {
        return batch(LongStream.rangeClosed(from, to).mapToObj(n -> event(n, by("u"))).toList());
    }
}
