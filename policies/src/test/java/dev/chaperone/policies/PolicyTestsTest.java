// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.finding.Assessment;
import org.junit.jupiter.api.Test;

class PolicyTestsTest {
    private static final String RULE =
            """
            - id: secrets
              when: has("SECRET")
              then: {action: redact}
              tests:
                - {text: "say ${sample.github-token}", expect: redact}
                - {text: nothing, expect: allow}
            """;

    /** Finds a secret in every text that holds a made-up token. */
    private static Assessment fake(java.util.List<dev.chaperone.model.prompt.Segment> segments) {
        return segments.getFirst().text().contains("ghp" + "_")
                ? Samples.found("SECRET.github-pat")
                : Assessment.NOTHING;
    }

    private static PolicyTests.Report run(String rules) {
        return PolicyTests.run(Samples.engine(rules), PolicyTestsTest::fake);
    }

    @Test
    void textsAreFilledInAndAssessed() {
        assertThat(run(RULE).green()).isTrue();
        assertThat(run(RULE).count(PolicyTests.Result.PASSED)).isEqualTo(2);
    }

    @Test
    void aWrongExpectationIsRedWithoutTheText() {
        PolicyTests.Report report =
                run(RULE.replace("nothing, expect: allow", "nothing, expect: block"));
        assertThat(report.green()).isFalse();
        PolicyTests.CaseResult failure = report.firstFailure().orElseThrow();
        assertThat(failure.line()).isEqualTo(9);
        assertThat(failure.detail()).isEqualTo("expected block, got allow by 'default:allow'");
    }

    @Test
    void textsWithoutDetectionAreSkippedAndNothingIsGreen() {
        PolicyTests.Report report = PolicyTests.runWithoutDetection(Samples.engine(RULE));
        assertThat(report.count(PolicyTests.Result.SKIPPED)).isEqualTo(2);
        assertThat(report.green()).isFalse();
    }

    @Test
    void aRuleNeedsACaseThatFiresANearMissAndOneThatNoticesItsRemoval() {
        assertThat(failure(RULE.replaceAll("    - \\{text: \"say.*\n", "")))
                .contains("no case fires");
        assertThat(failure(RULE.replaceAll("    - \\{text: nothing.*\n", "")))
                .contains("no near miss");
        String shadow =
                """
                - id: shadow
                  when: has("CREDENTIAL")
                  then: {action: redact}
                  tests:
                    - {findings: [SECRET.github-pat], expect: redact}
                    - {findings: [URL], expect: allow}
                """;
        assertThat(failure(RULE + shadow)).contains("no case turns red when the rule is removed");
    }

    @Test
    void theTypesThatAreTakenOutCanBeStated() {
        String rule = RULE.replace("expect: redact}", "expect: redact, redacts: [SECRET]}");
        assertThat(run(rule).green()).isTrue();
        assertThat(failure(rule.replace("redacts: [SECRET]", "redacts: [SECRET, IBAN]")))
                .isEqualTo("expected to redact IBAN, which is left in");
        assertThat(failure(rule.replace("redacts: [SECRET]", "redacts: [SECRET.slack-bot-token]")))
                .contains("left in");
    }

    private static String failure(String rules) {
        return run(rules).firstFailure().orElseThrow().detail();
    }
}
