// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import dev.chaperone.agent.coach.Consultation;
import dev.chaperone.agent.coach.Ruling;
import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Decision;
import dev.chaperone.model.decision.Outcome;
import dev.chaperone.model.finding.Finding;
import dev.chaperone.model.prompt.Exchange;
import dev.chaperone.model.prompt.Origin;
import dev.chaperone.model.prompt.Prompt;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What becomes of a coached prompt, from what was ruled on its segments. Pure. */
final class CoachedSettlement {
    private static final String UNANSWERED = "CHP-POL-003";
    private static final String CANCELLED = "CHP-POL-004";
    private static final String NOT_REDACTABLE = "CHP-TLS-011";
    private static final Set<Origin> THIS_TURN = Set.of(Origin.USER, Origin.PASTED, Origin.FILE);

    private CoachedSettlement() {}

    static Settlement of(
            Exchange exchange, Prompt prompt, Decision.Coach coach, Consultation said) {
        if (said.rulings().values().stream().anyMatch(r -> r.kind() == Ruling.Kind.CANCEL)
                && cancelled(prompt, coach, said, exchange.redactable())) {
            return new Settlement.SendNothing(CANCELLED, Outcome.CANCELLED);
        }
        boolean unanswered = said.rulings().isEmpty() || !said.unanswered().isEmpty();
        if (unanswered && !passes(coach)) {
            return new Settlement.SendNothing(UNANSWERED);
        }
        Map<Integer, String> edits = edits(said);
        List<Finding> spans =
                coach.spans().stream()
                        .filter(f -> !edits.containsKey(f.segment()) && goes(f, coach, said))
                        .toList();
        if (spans.isEmpty() && edits.isEmpty()) {
            return new Settlement.Send(
                    withReason(said) ? Outcome.SENT_WITH_REASON : Outcome.TIMED_OUT);
        }
        return exchange.redactable()
                ? new Settlement.SendRedacted(spans, edits, outcome(edits, said))
                : new Settlement.SendNothing(NOT_REDACTABLE);
    }

    /** Whether the rule's {@code on-timeout} sends anything. */
    private static boolean passes(Decision.Coach coach) {
        return switch (coach.onTimeout()) {
            case ALLOW, WARN -> true;
            case REDACT -> !coach.spans().isEmpty() && !coach.whole();
            case COACH, BLOCK -> false;
        };
    }

    /**
     * A cancelled message stays cancelled when it is tried again. In a later turn that resends it
     * as history its findings are taken out, so that the conversation can go on.
     */
    private static boolean cancelled(
            Prompt prompt, Decision.Coach coach, Consultation said, boolean redactable) {
        return said.rulings().entrySet().stream()
                .filter(e -> e.getValue().kind() == Ruling.Kind.CANCEL)
                .anyMatch(e ->
                        !redactable
                                || THIS_TURN.contains(prompt.segments().get(e.getKey()).origin())
                                || coach.spans().stream().noneMatch(f -> f.segment() == e.getKey())
                                || said.samePrompt());
    }

    private static Map<Integer, String> edits(Consultation said) {
        Map<Integer, String> edits = new HashMap<>();
        said.rulings()
                .forEach((segment, ruling) -> {
                    String text = ruling.text();
                    if (text != null) {
                        edits.put(segment, text);
                    }
                });
        return edits;
    }

    /** Whether a span is taken out. */
    private static boolean goes(Finding finding, Decision.Coach coach, Consultation said) {
        if (coach.required().contains(finding)) {
            return true;
        }
        Ruling ruling = said.rulings().get(finding.segment());
        return ruling == null
                ? coach.onTimeout() == Action.REDACT
                : !ruling.left().contains(finding.span());
    }

    private static Outcome outcome(Map<Integer, String> edits, Consultation said) {
        if (!edits.isEmpty()) {
            return Outcome.EDITED;
        }
        return withReason(said) ? Outcome.SENT_WITH_REASON : Outcome.SENT_REDACTED;
    }

    /** Whether a person let anything go that was found. */
    private static boolean withReason(Consultation said) {
        return said.rulings().values().stream()
                .anyMatch(r ->
                        r.kind() == Ruling.Kind.SEND
                                || r.kind() == Ruling.Kind.REDACT && !r.left().isEmpty());
    }
}
