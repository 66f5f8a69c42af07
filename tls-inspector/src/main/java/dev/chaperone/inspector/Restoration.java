// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector;

import java.util.Map;

/**
 * What comes back in the answer to a redacted prompt. Immutable.
 *
 * @param values real values by the placeholder that stood for them, {@code [GROUP-number]}
 * @param toolCalls whether the arguments of tool calls are restored too
 */
public record Restoration(Map<String, String> values, boolean toolCalls) {
    /** Nothing to restore: the answer passes as it came. */
    public static final Restoration NONE = new Restoration(Map.of(), false);

    public Restoration {
        values = Map.copyOf(values);
    }

    public boolean isEmpty() {
        return values.isEmpty();
    }

    /** Hides the values. */
    @Override
    public String toString() {
        return "Restoration[" + values.size() + " values, toolCalls=" + toolCalls + "]";
    }
}
