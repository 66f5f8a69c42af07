// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import dev.chaperone.model.finding.Assessment;
import dev.chaperone.model.finding.Finding;
import dev.chaperone.model.finding.Intent;
import dev.chaperone.model.finding.Span;
import dev.chaperone.model.finding.Tier;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Documents and findings that tests are made of. */
final class Samples {
    private Samples() {}

    static Finding finding(String type, int segment, int start) {
        return new Finding(
                type,
                segment,
                new Span(start, start + 5),
                0.9,
                Tier.STRUCTURED,
                "test",
                "***" + start,
                false);
    }

    static Assessment found(Finding... findings) {
        return new Assessment(List.of(findings), Intent.UNKNOWN, List.of(), List.of());
    }

    /** One finding of each type, one after the other in segment 0. */
    static Assessment found(String... types) {
        Finding[] findings = new Finding[types.length];
        Arrays.setAll(findings, i -> finding(types[i], 0, i * 10));
        return found(findings);
    }

    static PolicyDocument document(String yaml) {
        return PolicyDocument.parse(yaml.getBytes(StandardCharsets.UTF_8), "p.yaml");
    }

    /** An engine of rules given as {@code - id: …} at column 0. */
    static PolicyEngine engine(String rules) {
        return PolicyEngine.compile(document("version: 1\nname: test\nrules:\n" + rules.indent(2)));
    }

    /** A rule without a meaningful test. */
    static String rule(String id, String when, String then) {
        return "- id: "
                + id
                + "\n  when: '"
                + when
                + "'\n  then: "
                + then
                + "\n  tests: [{findings: [URL], expect: allow}]\n";
    }
}
