// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelVariableResolver;
import java.util.List;

/**
 * A compiled condition. Immutable and thread-safe.
 *
 * @param program the CEL program
 * @param types the type names that its functions are asked for; sorted
 * @param usesOrigin true if it names {@code origin}: it is then judged once for each origin
 */
record Condition(CelRuntime.Program program, List<String> types, boolean usesOrigin) {

    /**
     * Judges the condition.
     *
     * @throws ConditionException when a bound is hit or a value is out of range, for example a list
     *     index
     */
    boolean test(CelVariableResolver variables) {
        try {
            return Boolean.TRUE.equals(program.eval(variables));
        } catch (CelEvaluationException e) {
            throw new ConditionException();
        }
    }

    /** A condition that could not be judged; carries nothing of what was judged. */
    static final class ConditionException extends IllegalStateException {
        private static final long serialVersionUID = 1L;

        ConditionException() {
            super("a policy condition could not be judged");
        }
    }
}
