// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.RuleId;
import dev.chaperone.model.decision.Stage;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One rule of a policy, schema-checked and not yet compiled.
 *
 * @param id unique in its document
 * @param line where it starts in the document, from 1
 * @param description for people, or empty
 * @param stages the stages that ask it; not empty
 * @param when the condition, CEL
 * @param whenLine the document's line of the condition's first line, from 1
 * @param then what it does
 * @param fail overrides the policy's {@code fail}, or null
 * @param onTimeout overrides the policy's {@code on-timeout}, or null
 * @param restore overrides the policy's {@code restore}, or null
 * @param tests not empty
 */
public record PolicyRule(
        RuleId id,
        int line,
        String description,
        Set<Stage> stages,
        String when,
        int whenLine,
        Then then,
        @Nullable Action fail,
        @Nullable Action onTimeout,
        @Nullable Restore restore,
        List<PolicyCase> tests) {
    public PolicyRule {
        stages = Set.copyOf(stages);
        tests = List.copyOf(tests);
    }

    /**
     * What a rule does.
     *
     * @param action the decision
     * @param coaching id of the coaching text, or empty
     * @param message one or two sentences for the person, or empty
     * @param types what a redact or coach rule selects; empty: the types that its condition names
     * @param within how long a card waits, or null for the policy's default
     */
    public record Then(
            Action action,
            String coaching,
            String message,
            List<String> types,
            @Nullable Duration within) {
        public Then {
            types = List.copyOf(types);
        }
    }
}
