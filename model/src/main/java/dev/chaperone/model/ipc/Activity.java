// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.ipc;

import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Outcome;
import dev.chaperone.model.event.Event;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One decision on a message of the user who asks; an element of the result of {@link Ipc#ACTIVITY}.
 * Holds no text of the prompt.
 *
 * @param id the event
 * @param at when
 * @param service the service's id; the host where there is none
 * @param app the program that sent
 * @param intent intent group, or {@code unknown}
 * @param action what policy decided
 * @param outcome what became of it
 * @param rule the rule that decided; empty when none did
 * @param explanation why, in the words shown to the person
 * @param findings type → how often found
 * @param notInspected reason → how many parts nobody could read
 * @param code the error code of what went wrong, or null
 * @param repeats how often the same content was seen again; ≥ 0
 */
public record Activity(
        UUID id,
        Instant at,
        String service,
        String app,
        String intent,
        Action action,
        Outcome outcome,
        String rule,
        String explanation,
        Map<String, Integer> findings,
        Map<String, Integer> notInspected,
        @Nullable String code,
        int repeats) {
    public Activity {
        findings = Map.copyOf(findings);
        notInspected = Map.copyOf(notInspected);
    }

    /** What of an event its user is shown. */
    public static Activity of(Event e) {
        return new Activity(
                e.id(),
                e.at(),
                e.service().isEmpty() ? e.host() : e.service(),
                e.app().name(),
                e.intent(),
                e.action(),
                e.outcome(),
                e.rule(),
                e.explanation(),
                e.findings(),
                e.notInspected(),
                e.code(),
                e.repeats());
    }
}
