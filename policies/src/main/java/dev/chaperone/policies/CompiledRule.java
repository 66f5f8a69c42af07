// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import dev.chaperone.model.decision.Action;
import java.util.List;

/**
 * A rule with its compiled condition.
 *
 * @param selection the types that it takes out; empty for one that neither redacts nor coaches, and
 *     for a coach rule about no finding
 */
record CompiledRule(PolicyRule rule, Condition condition, List<String> selection) {

    /**
     * Joins rule and condition.
     *
     * @throws PolicyFormatException when a redact rule selects nothing, or a coach rule that
     *     selects nothing would redact on timeout
     */
    static CompiledRule of(PolicyDocument document, PolicyRule rule, Condition condition) {
        boolean selects = selects(rule);
        List<String> selection =
                rule.then().types().isEmpty() ? condition.types() : rule.then().types();
        if (rule.then().action() == Action.REDACT && selection.isEmpty()) {
            throw new PolicyFormatException(
                    document.source(),
                    rule.line(),
                    "rule '" + rule.id() + "' redacts nothing: name types in 'then.types'");
        }
        Action onTimeout =
                rule.onTimeout() == null ? document.defaults().onTimeout() : rule.onTimeout();
        if (rule.then().action() == Action.COACH
                && selection.isEmpty()
                && onTimeout == Action.REDACT) {
            throw new PolicyFormatException(
                    document.source(),
                    rule.line(),
                    "rule '"
                            + rule.id()
                            + "' has nothing to redact on timeout: add 'on-timeout: block' or"
                            + " 'allow', or name types in 'then.types'");
        }
        return new CompiledRule(rule, condition, selects ? selection : List.of());
    }

    /** True for redact and coach: their spans join the decision's. */
    boolean selects() {
        return selects(rule);
    }

    private static boolean selects(PolicyRule rule) {
        return rule.then().action() == Action.REDACT || rule.then().action() == Action.COACH;
    }
}
