// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.chaperone.agent.PromptPipeline.Case;
import dev.chaperone.model.decision.Decision;
import dev.chaperone.model.decision.Outcome;
import dev.chaperone.model.finding.Finding;
import dev.chaperone.model.prompt.Exchange;
import dev.chaperone.model.prompt.Prompt;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a person let go in a prompt that goes out changed, from the decision to the verify pass of
 * the same exchange: the pass must not refuse what was just allowed, nor let anything else by.
 * Thread-safe.
 */
final class Consents {
    /**
     * @param rule the rule that was answered
     * @param whole true if the rule may ask again about nothing that it selects: the message as a
     *     whole was let go, or taking out what the rule selects is what settles it
     * @param values groups and texts that may go
     */
    private record Consent(String rule, boolean whole, Set<String> values) {
        static final Consent NONE = new Consent("", false, Set.of());
    }

    private final Cache<Long, Consent> consents =
            Caffeine.newBuilder().maximumSize(1024).expireAfterWrite(Duration.ofMinutes(5)).build();

    void give(Case inHand, Settlement.SendRedacted redacted) {
        if (inHand.decision() instanceof Decision.Coach coach) {
            Set<Finding> taken = new HashSet<>(redacted.spans());
            Set<String> values = new HashSet<>();
            coach.spans().stream()
                    .filter(f -> !taken.contains(f) && !redacted.edits().containsKey(f.segment()))
                    .forEach(f -> values.add(value(inHand.prompt(), f)));
            consents.put(
                    inHand.exchange().id(),
                    new Consent(
                            coach.rule().value(),
                            !coach.whole() || redacted.outcome() == Outcome.SENT_WITH_REASON,
                            values));
        }
    }

    /** Whether a decision on what will be sent asks for nothing that was not let go. */
    boolean cover(Exchange exchange, Prompt asSent, Decision again) {
        Consent given = consents.asMap().remove(exchange.id());
        Consent consent = given == null ? Consent.NONE : given;
        return switch (again) {
            case Decision.Allow _, Decision.Warn _ -> true;
            case Decision.Redact redact -> covers(consent, asSent, redact.spans());
            case Decision.Coach coach ->
                    covers(consent, asSent, coach.spans())
                            && (!coach.whole()
                                    || consent.whole()
                                            && consent.rule().equals(coach.rule().value()));
            case Decision.Block _ -> false;
        };
    }

    private static boolean covers(Consent consent, Prompt asSent, List<Finding> spans) {
        return spans.stream().allMatch(f -> consent.values().contains(value(asSent, f)));
    }

    private static String value(Prompt prompt, Finding finding) {
        return finding.group()
                + '\0'
                + prompt.segments()
                        .get(finding.segment())
                        .text()
                        .substring(finding.span().start(), finding.span().end());
    }
}
