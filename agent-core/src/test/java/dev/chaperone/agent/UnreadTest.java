// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Decision;
import dev.chaperone.model.prompt.Account;
import dev.chaperone.model.prompt.NotInspected;
import dev.chaperone.model.prompt.NotInspected.Reason;
import dev.chaperone.model.prompt.Prompt;
import dev.chaperone.policies.PolicyDocument;
import dev.chaperone.policies.PolicyEngine;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnreadTest {
    private static PolicyEngine policy(String oversize, String unreadable) {
        String yaml =
                """
                version: 1
                name: unread
                defaults: {action: allow, on-timeout: redact, fail: redact, oversize: %s, unreadable: %s}
                rules:
                  - id: cards-stay
                    stage: request
                    when: has("CREDIT_CARD")
                    then: {action: block}
                    tests: [{findings: [CREDIT_CARD], expect: block}, {findings: [URL], expect: allow}]
                """
                        .formatted(oversize, unreadable);
        return PolicyEngine.compile(
                PolicyDocument.parse(yaml.getBytes(StandardCharsets.UTF_8), "p.yaml"));
    }

    @ParameterizedTest
    @CsvSource({
        "OVERSIZE,block,allow,BLOCK,default:oversize",
        "OVERSIZE,allow,block,ALLOW,default:oversize",
        "UNREADABLE,allow,block,BLOCK,default:unreadable",
        "UNREADABLE,block,warn,WARN,default:unreadable",
        "NOT_BUILT,allow,block,BLOCK,default:unreadable",
        "UNKNOWN_ENDPOINT,block,allow,ALLOW,default:unreadable"
    })
    void policysDefaultDecides(
            Reason reason, String oversize, String unreadable, Action action, String rule) {
        Decision decision =
                Unread.decision(policy(oversize, unreadable), Prompts.unread(reason)).orElseThrow();
        assertThat(decision.action()).isEqualTo(action);
        assertThat(decision.rule().value()).isEqualTo(rule);
        assertThat(decision.why().message()).contains("CHP-TLS-010");
    }

    @Test
    void partThatWasReadIsStillForTheRulesUnlessThePolicyBlocks() {
        Prompt read = Prompts.of(null, "hello");
        Prompt partly =
                new Prompt(
                        read.segments(),
                        "",
                        List.of(),
                        null,
                        null,
                        Account.UNKNOWN,
                        List.of(new NotInspected(Reason.UNREADABLE, "CHP-CAT-005", 9)));
        assertThat(Unread.decision(policy("allow", "allow"), partly)).isEmpty();
        assertThat(Unread.decision(policy("allow", "block"), partly).map(Decision::action))
                .isEqualTo(Optional.of(Action.BLOCK));
    }

    @Test
    void promptThatWasReadWholeIsForTheRules() {
        assertThat(Unread.decision(policy("block", "block"), Prompts.of(null, "hello"))).isEmpty();
    }
}
