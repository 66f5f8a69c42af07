// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Decision;
import dev.chaperone.model.decision.Explanation;
import dev.chaperone.model.decision.RuleId;
import dev.chaperone.policies.PolicyDocument;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnforcementNoticeTest {
    private static final Instant DAY = Instant.parse("2026-12-15T00:00:00Z");
    private static final RuleId RULE = new RuleId("cards-out");
    private static final Explanation WHY = new Explanation("A card was found.", "card");

    private static PolicyDocument policy(String notice) {
        return PolicyDocument.parse(
                ("version: 1\nname: p\n"
                                + notice
                                + "rules:\n"
                                + "- id: r\n  when: has(\"EMAIL\")\n  then: {action: redact}\n"
                                + "  tests: [{text: x, expect: allow}]\n")
                        .getBytes(StandardCharsets.UTF_8),
                "p.yaml");
    }

    private static List<Decision> enforced() {
        return List.of(
                new Decision.Redact(RULE, WHY, List.of()),
                new Decision.Block(RULE, WHY),
                new Decision.Coach(
                        RULE,
                        WHY,
                        List.of(),
                        List.of(),
                        false,
                        Duration.ofSeconds(5),
                        Action.BLOCK));
    }

    @ParameterizedTest
    @ValueSource(strings = {"2026-12-15", "2026-12-15T01:00:00+01:00"})
    void beforeTheDayEveryDecisionIsCountedAndSaid(String from) {
        PolicyDocument policy = policy("enforce-from: " + from + "\n");
        for (Decision decision : enforced()) {
            Decision observed = EnforcementNotice.observed(policy, decision, DAY.minusSeconds(1));
            assertThat(observed.action()).isEqualTo(Action.WARN);
            assertThat(observed.rule()).isEqualTo(RULE);
            assertThat(observed.why().message())
                    .contains("2026-12-15")
                    .contains("A card was found.");
        }
    }

    @Test
    void fromTheDayOnItIsCarriedOut() {
        PolicyDocument policy = policy("enforce-from: 2026-12-15\n");
        for (Decision decision : enforced()) {
            assertThat(EnforcementNotice.observed(policy, decision, DAY)).isSameAs(decision);
        }
    }

    @Test
    void withoutNoticeAtOnce() {
        for (Decision decision : enforced()) {
            assertThat(EnforcementNotice.observed(policy(""), decision, DAY)).isSameAs(decision);
        }
    }
}
