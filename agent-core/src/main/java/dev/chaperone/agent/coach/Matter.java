// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.coach;

import dev.chaperone.model.decision.Decision;
import dev.chaperone.model.prompt.Exchange;
import dev.chaperone.model.prompt.Prompt;
import java.util.List;
import java.util.function.Supplier;

/**
 * What is to be asked about.
 *
 * @param coach the decision, whose spans are in order of segment and start
 * @param placeholders what would be sent instead of each span, in the order of {@code
 *     coach.spans()}; asked only when a question is worded
 */
public record Matter(
        Exchange exchange,
        Prompt prompt,
        Decision.Coach coach,
        Supplier<List<String>> placeholders) {
    long uid() {
        return exchange.client().uid();
    }

    /** Whether a version without the spans could be sent and would settle the matter. */
    boolean redactable() {
        return exchange.redactable() && !coach.whole() && !coach.spans().isEmpty();
    }

    /** Whether the message goes out when nobody answers. */
    boolean goesUnanswered() {
        return switch (coach.onTimeout()) {
            case ALLOW, WARN -> true;
            case REDACT -> redactable();
            case COACH, BLOCK -> false;
        };
    }

    @Override
    public String toString() {
        return "Matter[" + exchange + ", " + coach.rule() + "]";
    }
}
