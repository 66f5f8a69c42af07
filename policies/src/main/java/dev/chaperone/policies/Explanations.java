// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Explanation;
import dev.chaperone.model.finding.Finding;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Says in one sentence why a decision was taken. Names types and counts, never values. */
final class Explanations {
    private Explanations() {}

    static Explanation of(PolicyRule rule, Action action, List<Finding> spans) {
        String message = rule.then().message();
        return new Explanation(
                message.isEmpty() ? sentence(rule, action, spans) : message,
                rule.then().coaching());
    }

    private static String sentence(PolicyRule rule, Action action, List<Finding> spans) {
        String about = spans.isEmpty() ? "" : " " + counted(spans);
        return switch (action) {
            case ALLOW -> "Sent: rule '%s' allows it.".formatted(rule.id());
            case WARN -> "Sent; rule '%s' asks you to take care.".formatted(rule.id());
            case REDACT -> "Removed before sending (rule '%s'):%s.".formatted(rule.id(), about);
            case COACH ->
                    about.isEmpty()
                            ? "Rule '%s' asks before this is sent.".formatted(rule.id())
                            : "Rule '%s' asks before this is sent:%s.".formatted(rule.id(), about);
            case BLOCK -> "Not sent: rule '%s' forbids it.".formatted(rule.id());
        };
    }

    static Explanation byDefault(String key, Action action) {
        String what =
                switch (key) {
                    case "oversize" -> "It is larger than what is inspected";
                    case "unreadable" -> "It could not be read";
                    default -> "No rule applies";
                };
        String then =
                switch (action) {
                    case ALLOW -> "sent as it is.";
                    case WARN -> "sent as it is; take care.";
                    case REDACT, COACH, BLOCK -> "not sent.";
                };
        return new Explanation(what + ": " + then, "");
    }

    /** {@code 2 CREDIT_CARD, 1 SECRET}. */
    private static String counted(List<Finding> spans) {
        Map<String, Integer> counts = new TreeMap<>();
        spans.forEach(span -> counts.merge(span.group(), 1, Integer::sum));
        return String.join(
                ", ",
                counts.entrySet().stream().map(e -> e.getValue() + " " + e.getKey()).toList());
    }
}
