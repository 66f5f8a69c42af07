// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.agent.coach.Consultation;
import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Decision;
import dev.chaperone.model.decision.Explanation;
import dev.chaperone.model.decision.Outcome;
import dev.chaperone.model.decision.RuleId;
import dev.chaperone.model.finding.Assessment;
import dev.chaperone.model.finding.Finding;
import dev.chaperone.model.prompt.Exchange;
import dev.chaperone.model.prompt.Prompt;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConsentsTest {
    private static final Exchange EXCHANGE = Prompts.exchange(7, "chat");
    private static final Explanation WHY = new Explanation("why", "");
    private static final Prompt PROMPT = Prompts.of(null, "now b2 c3");
    private static final List<Finding> SPANS = Prompts.findings(PROMPT, "b2", "c3");
    private static final Prompt SENT = Prompts.of(null, "now b2 [X]");

    private final Consents consents = new Consents();

    private static Decision.Coach coach(String rule, boolean whole, List<Finding> spans) {
        return new Decision.Coach(
                new RuleId(rule),
                WHY,
                spans,
                List.of(),
                whole,
                Duration.ofSeconds(1),
                Action.BLOCK);
    }

    /** The second span is taken out, the first is left in. */
    private void give(boolean whole, Outcome outcome) {
        Settlement.SendRedacted redacted =
                new Settlement.SendRedacted(SPANS.subList(1, 2), Map.of(), outcome);
        consents.give(
                new PromptPipeline.Case(
                        EXCHANGE,
                        PROMPT,
                        Assessment.NOTHING,
                        coach("ask", whole, SPANS),
                        Consultation.NONE,
                        redacted,
                        "p",
                        0),
                redacted);
    }

    private boolean covers(Decision again) {
        return consents.cover(EXCHANGE, SENT, again);
    }

    @Test
    void whatWasLeftInPassesAndNothingElseDoes() {
        give(false, Outcome.SENT_WITH_REASON);
        assertThat(covers(coach("ask", false, Prompts.findings(SENT, "b2")))).isTrue();
        assertThat(covers(coach("ask", false, Prompts.findings(SENT, "b2")))).as("once").isFalse();
        give(false, Outcome.SENT_WITH_REASON);
        assertThat(covers(new Decision.Redact(new RuleId("r"), WHY, Prompts.findings(SENT, "now"))))
                .isFalse();
        give(false, Outcome.SENT_WITH_REASON);
        assertThat(covers(new Decision.Block(new RuleId("b"), WHY))).isFalse();
    }

    @Test
    void redactionSettlesARuleThatSelectsAndNotOneAboutTheWholeMessage() {
        give(false, Outcome.SENT_REDACTED);
        assertThat(covers(coach("ask", true, List.of()))).isTrue();
        give(true, Outcome.SENT_REDACTED);
        assertThat(covers(coach("ask", true, List.of()))).isFalse();
        give(true, Outcome.SENT_WITH_REASON);
        assertThat(covers(coach("ask", true, List.of()))).isTrue();
        give(true, Outcome.SENT_WITH_REASON);
        assertThat(covers(coach("another", true, List.of()))).isFalse();
    }

    @Test
    void withoutAnAnswerNothingThatIsFoundPasses() {
        assertThat(covers(coach("ask", false, Prompts.findings(SENT, "b2")))).isFalse();
        assertThat(covers(coach("ask", true, List.of()))).isFalse();
        assertThat(covers(new Decision.Redact(new RuleId("r"), WHY, List.of()))).isTrue();
        assertThat(covers(new Decision.Allow(new RuleId("a"), WHY))).isTrue();
    }
}
