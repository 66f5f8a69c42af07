// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Stage;
import dev.chaperone.model.prompt.Origin;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One test case of a rule.
 *
 * @param line where it stands in the document, from 1
 * @param text what a person writes, placeholders not yet replaced; null for a case that names its
 *     findings
 * @param findings what detection is taken to have found; empty for a case with text
 * @param context the circumstances; its stage is the rule's first
 * @param expect the expected action
 * @param rule the id of the rule expected to decide, or empty for any
 * @param redacts the types expected to be redacted, or null for any
 */
public record PolicyCase(
        int line,
        @Nullable String text,
        List<CaseFinding> findings,
        PolicyContext context,
        Action expect,
        String rule,
        @Nullable List<String> redacts) {
    public PolicyCase {
        findings = List.copyOf(findings);
        redacts = redacts == null ? null : List.copyOf(redacts);
    }

    /** The stage that the case asks. */
    public Stage stage() {
        return context.stage();
    }

    /** Hides the text. */
    @Override
    public String toString() {
        return "PolicyCase[line " + line + ", expect " + expect.id() + "]";
    }

    /**
     * Findings that a case states without a text.
     *
     * @param type {@code GROUP} or {@code GROUP.detail}; {@code PEOPLE_TABLE} stands for one cell
     * @param count how many, with distinct values; in [1, 1000]
     * @param origin where they stand
     * @param confidence in [0, 1]
     * @param example true for documentation's values
     */
    public record CaseFinding(
            String type, int count, Origin origin, double confidence, boolean example) {}
}
