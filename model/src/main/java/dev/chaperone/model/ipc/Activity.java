// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.ipc;

import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Outcome;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;

/**
 * One decision on a message of the user who asks; an element of the result of {@link Ipc#ACTIVITY}.
 * Holds no text of the prompt.
 *
 * @param id the event
 * @param at when
 * @param service the service's id
 * @param app the program that sent
 * @param intent intent group, or {@code unknown}
 * @param action what policy decided
 * @param outcome what became of it
 * @param rule the rule that decided; empty when none did
 * @param explanation why, in the words shown to the person
 * @param findings type → how often found
 * @param notInspected reason → how many parts nobody could read
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
        int repeats) {
    public Activity {
        findings = Map.copyOf(findings);
        notInspected = Map.copyOf(notInspected);
    }
}
