// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Decision;
import dev.chaperone.model.decision.Explanation;
import dev.chaperone.model.decision.RuleId;
import dev.chaperone.model.prompt.NotInspected;
import dev.chaperone.model.prompt.Prompt;
import dev.chaperone.policies.PolicyDefaults;
import dev.chaperone.policies.PolicyEngine;
import java.util.Optional;

/** What policy says of content that nobody could read: never a silent allow (DESIGN §4.8). */
final class Unread {
    private Unread() {}

    /**
     * A decision where the unread part settles it: nothing was read at all, or policy blocks unread
     * parts.
     */
    static Optional<Decision> decision(PolicyEngine engine, Prompt prompt) {
        PolicyDefaults defaults = engine.document().defaults();
        Optional<NotInspected> worst =
                prompt.notInspected().stream()
                        .filter(n -> action(defaults, n) == Action.BLOCK)
                        .findFirst();
        if (worst.isPresent()) {
            return worst.map(n -> new Decision.Block(rule(n), why(n, "was not sent")));
        }
        if (!prompt.segments().isEmpty()) {
            return Optional.empty();
        }
        return prompt.firstNotInspected()
                .map(n ->
                        action(defaults, n) == Action.WARN
                                ? new Decision.Warn(rule(n), why(n, "was sent"))
                                : new Decision.Allow(rule(n), why(n, "was sent")));
    }

    private static Action action(PolicyDefaults defaults, NotInspected part) {
        return switch (part.reason()) {
            case OVERSIZE -> defaults.oversize();
            case UNREADABLE, UNKNOWN_ENDPOINT, NOT_BUILT -> defaults.unreadable();
        };
    }

    private static RuleId rule(NotInspected part) {
        return new RuleId(
                part.reason() == NotInspected.Reason.OVERSIZE
                        ? "default:oversize"
                        : "default:unreadable");
    }

    private static Explanation why(NotInspected part, String fate) {
        String reason =
                switch (part.reason()) {
                    case OVERSIZE -> "It is larger than what is inspected";
                    case UNREADABLE -> "Its content could not be read";
                    case UNKNOWN_ENDPOINT -> "Its place at this service is not known";
                    case NOT_BUILT -> "Its format is not understood yet";
                };
        return new Explanation(
                reason + " (" + part.code() + "), so it " + fate + " by the policy's default.", "");
    }
}
