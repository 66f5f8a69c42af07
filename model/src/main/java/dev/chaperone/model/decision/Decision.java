// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.decision;

import dev.chaperone.model.finding.Finding;
import java.time.Duration;
import java.util.List;

/** What is to be done with a prompt. */
public sealed interface Decision {
    /** The rule that decided; {@code default:allow} and the like when no rule matched. */
    RuleId rule();

    Explanation why();

    default Action action() {
        return switch (this) {
            case Allow _ -> Action.ALLOW;
            case Warn _ -> Action.WARN;
            case Redact _ -> Action.REDACT;
            case Coach _ -> Action.COACH;
            case Block _ -> Action.BLOCK;
        };
    }

    /** Forward as it is. */
    record Allow(RuleId rule, Explanation why) implements Decision {}

    /** Forward as it is and tell the person; shows in reports as a finding that left. */
    record Warn(RuleId rule, Explanation why) implements Decision {}

    /** Forward without {@code spans}. */
    record Redact(RuleId rule, Explanation why, List<Finding> spans) implements Decision {
        public Redact {
            spans = List.copyOf(spans);
        }
    }

    /**
     * Ask the person.
     *
     * @param spans what a redacted version would lack
     * @param required those of {@code spans} that a redact rule takes out whatever is answered
     * @param whole true if the rule is about the message as a whole: its condition selects no
     *     finding, so that every new message is a new question
     * @param within how long to wait; positive
     * @param onTimeout what happens without an answer
     */
    record Coach(
            RuleId rule,
            Explanation why,
            List<Finding> spans,
            List<Finding> required,
            boolean whole,
            Duration within,
            Action onTimeout)
            implements Decision {
        public Coach {
            spans = List.copyOf(spans);
            required = List.copyOf(required);
        }
    }

    /** Refuse. */
    record Block(RuleId rule, Explanation why) implements Decision {}
}
