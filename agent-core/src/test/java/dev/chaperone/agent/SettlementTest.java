// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.agent.coach.Consultation;
import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Decision;
import dev.chaperone.model.decision.Explanation;
import dev.chaperone.model.decision.Outcome;
import dev.chaperone.model.decision.RuleId;
import dev.chaperone.model.finding.Finding;
import dev.chaperone.model.prompt.Exchange;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettlementTest {
    private static final RuleId RULE = new RuleId("r");
    private static final Explanation WHY = new Explanation("because", "");
    private static final List<Finding> SPANS = List.of(Prompts.finding("SECRET.x", 0, 0, 2));

    private static Decision coach(Action onTimeout) {
        return new Decision.Coach(
                RULE, WHY, SPANS, List.of(), false, Duration.ofSeconds(1), onTimeout);
    }

    private static Settlement settle(Decision decision, boolean redactable) {
        Exchange e = Prompts.exchange(1, "chat");
        Exchange exchange =
                new Exchange(
                        e.id(),
                        e.service(),
                        e.endpoint(),
                        e.host(),
                        e.httpVersion(),
                        e.client(),
                        redactable,
                        e.ownSecret());
        return Settlement.of(exchange, Prompts.of(null, "abcd"), decision, Consultation.NONE);
    }

    private static Settlement onFailure(Decision decision, Action fail) {
        return Settlement.onFailure(decision, settle(decision, true), true, fail);
    }

    @Test
    void allowAndWarnAreSent() {
        assertThat(settle(new Decision.Allow(RULE, WHY), true).outcome()).isEqualTo(Outcome.SENT);
        assertThat(settle(new Decision.Warn(RULE, WHY), true).outcome()).isEqualTo(Outcome.SENT);
    }

    @Test
    void redactionWithoutSpansIsSentAsItIs() {
        assertThat(settle(new Decision.Redact(RULE, WHY, SPANS), true))
                .isEqualTo(new Settlement.SendRedacted(SPANS));
        assertThat(settle(new Decision.Redact(RULE, WHY, List.of()), true).outcome())
                .isEqualTo(Outcome.SENT);
    }

    @Test
    void redactionOfASignedBodyIsRefused() {
        assertThat(settle(new Decision.Redact(RULE, WHY, SPANS), false))
                .isEqualTo(new Settlement.SendNothing("CHP-TLS-011"));
        assertThat(settle(coach(Action.REDACT), false))
                .isEqualTo(new Settlement.SendNothing("CHP-TLS-011"));
        assertThat(settle(new Decision.Allow(RULE, WHY), false).outcome()).isEqualTo(Outcome.SENT);
    }

    @Test
    void coachedPromptTakesItsRulesTimeout() {
        assertThat(settle(coach(Action.ALLOW), true).outcome()).isEqualTo(Outcome.TIMED_OUT);
        assertThat(settle(coach(Action.REDACT), true).outcome()).isEqualTo(Outcome.SENT_REDACTED);
        assertThat(settle(coach(Action.BLOCK), true))
                .isEqualTo(new Settlement.SendNothing("CHP-POL-003"));
    }

    @ParameterizedTest
    @CsvSource({
        "ALLOW,SENT",
        "WARN,SENT",
        "REDACT,SENT_REDACTED",
        "COACH,BLOCKED",
        "BLOCK,BLOCKED"
    })
    void lostEventTakesThePolicysFailVerdict(Action fail, Outcome outcome) {
        assertThat(onFailure(new Decision.Redact(RULE, WHY, SPANS), fail).outcome())
                .isEqualTo(outcome);
    }

    @ParameterizedTest
    @CsvSource({"ALLOW", "WARN", "REDACT", "COACH", "BLOCK"})
    void blockStaysABlockWhateverFails(Action fail) {
        assertThat(onFailure(new Decision.Block(RULE, WHY), fail).outcome())
                .isEqualTo(Outcome.BLOCKED);
    }
}
