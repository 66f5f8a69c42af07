// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.ingest;

import dev.chaperone.model.event.Event;
import dev.chaperone.model.sync.EventBatch;
import dev.chaperone.server.http.Problem;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/** What a batch must be before it is let near the database. */
final class EventCheck {
    /** Generous: a batch that is refused is not delivered, and these are bounds of memory only. */
    private static final int MAX_TEXT = 4096;

    private static final int MAX_EXPLANATION = 16_384;
    private static final int MAX_ENTRIES = 200;

    /** 2^53: what every JSON reader can hold. */
    private static final long MAX_SEQ = 1L << 53;

    /** {@code crash}, {@code overflow}, or one of a later version. */
    private static final Pattern REASON = Pattern.compile("[a-z][a-z-]{0,31}");

    private EventCheck() {}

    /**
     * Checks form and sense.
     *
     * @throws Problem 400 naming the number of the event that is wrong, and quoting nothing of it
     */
    static void require(EventBatch batch) {
        if (batch.epoch() < 1 || batch.from() < 1 || batch.to() < batch.from() - 1) {
            throw Problem.badRequest("epoch and from start at 1, to is at least from - 1");
        }
        if (batch.epoch() > MAX_SEQ || batch.to() > MAX_SEQ) {
            throw Problem.badRequest("epoch and to are at most 2^53");
        }
        if (batch.events().size() > EventBatch.MAX_EVENTS
                || batch.losses().size() > EventBatch.MAX_EVENTS
                || batch.repeats().size() > EventBatch.MAX_EVENTS) {
            throw Problem.tooLarge(
                    "more than " + EventBatch.MAX_EVENTS + " events, losses or repeats in a batch");
        }
        if (!batch.complete()) {
            throw Problem.badRequest(
                    "each number from 'from' to 'to' must be an event's or lie in a loss, once");
        }
        requireEvents(batch.events(), batch.epoch());
        for (EventBatch.Loss loss : batch.losses()) {
            if (loss.reason() == null || !REASON.matcher(loss.reason()).matches()) {
                throw Problem.badRequest("the reason of a loss is a word such as crash");
            }
        }
        batch.repeats()
                .forEach((id, times) -> {
                    if (!isUuid(id) || times == null || times < 0) {
                        throw Problem.badRequest("repeats are event ids with counts");
                    }
                });
    }

    private static void requireEvents(List<Event> events, long epoch) {
        Set<UUID> ids = new HashSet<>();
        for (Event e : events) {
            if (e.epoch() != epoch || !wellFormed(e) || !ids.add(e.id())) {
                throw Problem.badRequest("event " + e.seq() + " is malformed or stands twice");
            }
        }
    }

    private static boolean wellFormed(Event e) {
        return e.v() >= 1
                && present(e.id(), e.at(), e.app(), e.actor(), e.stage(), e.action(), e.outcome())
                && e.correlation() != null
                && texts(e.service(), e.endpoint(), e.endpointKind(), e.host(), e.user())
                && texts(e.intent(), e.rule(), e.policy(), e.app().name())
                && e.explanation() != null
                && e.explanation().length() <= MAX_EXPLANATION
                && shortOrNull(e.account())
                && shortOrNull(e.model())
                && shortOrNull(e.code())
                && shortOrNull(e.app().signer())
                && shortOrNull(e.app().pathHash())
                && counts(e.findings())
                && counts(e.examples())
                && counts(e.threats())
                && counts(e.notInspected())
                && shortTexts(e.models())
                && e.repeats() >= 0
                && e.bytes() >= 0;
    }

    private static boolean present(Object... values) {
        for (Object value : values) {
            if (value == null) {
                return false;
            }
        }
        return true;
    }

    private static boolean texts(String... values) {
        for (String value : values) {
            if (value == null || value.length() > MAX_TEXT) {
                return false;
            }
        }
        return true;
    }

    private static boolean shortOrNull(@org.jspecify.annotations.Nullable String value) {
        return value == null || value.length() <= MAX_TEXT;
    }

    private static boolean shortTexts(Collection<String> values) {
        return values.size() <= MAX_ENTRIES && values.stream().allMatch(EventCheck::texts);
    }

    private static boolean counts(Map<String, Integer> counts) {
        return shortTexts(counts.keySet()) && counts.values().stream().allMatch(n -> n >= 0);
    }

    private static boolean isUuid(String text) {
        try {
            return UUID.fromString(text).toString().equals(text);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
