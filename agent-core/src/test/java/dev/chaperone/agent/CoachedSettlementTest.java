// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.agent.coach.Consultation;
import dev.chaperone.agent.coach.ContentKey;
import dev.chaperone.agent.coach.Ruling;
import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Decision;
import dev.chaperone.model.decision.Explanation;
import dev.chaperone.model.decision.Outcome;
import dev.chaperone.model.decision.RuleId;
import dev.chaperone.model.finding.Finding;
import dev.chaperone.model.finding.Span;
import dev.chaperone.model.prompt.Exchange;
import dev.chaperone.model.prompt.Prompt;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CoachedSettlementTest {
    private static final Exchange EXCHANGE = Prompts.exchange(1, "chat");
    private static final Prompt PROMPT = Prompts.of(null, "old a1", "now b2 c3");
    private static final List<Finding> SPANS = Prompts.findings(PROMPT, "a1", "b2", "c3");
    private static final ContentKey KEY = new ContentKey(1, 2);

    private static Decision.Coach coach(List<Finding> required, Action onTimeout) {
        return new Decision.Coach(
                new RuleId("ask"),
                new Explanation("why", ""),
                SPANS,
                required,
                false,
                Duration.ofSeconds(1),
                onTimeout);
    }

    private static Ruling ruling(Ruling.Kind kind, Finding... left) {
        Set<Span> spans = Set.copyOf(java.util.Arrays.stream(left).map(Finding::span).toList());
        return new Ruling(kind, spans, kind == Ruling.Kind.EDIT ? "new" : null, KEY);
    }

    private static Consultation said(boolean samePrompt, Ruling history, Ruling current) {
        return new Consultation(
                Map.of(0, history, 1, current), Set.of(), samePrompt, null, null, Optional.empty());
    }

    private static Settlement settle(Consultation said) {
        return CoachedSettlement.of(EXCHANGE, PROMPT, coach(List.of(), Action.BLOCK), said);
    }

    @Test
    void everyFindingThatWasNotLeftInIsTakenOut() {
        Consultation said =
                said(false, ruling(Ruling.Kind.REDACT), ruling(Ruling.Kind.REDACT, SPANS.get(1)));
        assertThat(settle(said))
                .isEqualTo(
                        new Settlement.SendRedacted(
                                List.of(SPANS.get(0), SPANS.get(2)),
                                Map.of(),
                                Outcome.SENT_WITH_REASON));
    }

    @Test
    void sentWithReasonGoesAsItIsButForWhatARedactRuleTakesOut() {
        Consultation said =
                said(
                        false,
                        ruling(Ruling.Kind.SEND, SPANS.get(0)),
                        ruling(Ruling.Kind.SEND, SPANS.get(1), SPANS.get(2)));
        assertThat(settle(said)).isEqualTo(new Settlement.Send(Outcome.SENT_WITH_REASON));
        assertThat(
                        CoachedSettlement.of(
                                EXCHANGE, PROMPT, coach(List.of(SPANS.get(2)), Action.BLOCK), said))
                .isEqualTo(
                        new Settlement.SendRedacted(
                                List.of(SPANS.get(2)), Map.of(), Outcome.SENT_WITH_REASON));
    }

    @Test
    void editedSegmentIsReplacedWholeAndTheOthersAreRedacted() {
        assertThat(settle(said(false, ruling(Ruling.Kind.REDACT), ruling(Ruling.Kind.EDIT))))
                .isEqualTo(
                        new Settlement.SendRedacted(
                                List.of(SPANS.get(0)), Map.of(1, "new"), Outcome.EDITED));
    }

    @Test
    void cancelledTurnStaysCancelledAndCancelledHistoryIsRedacted() {
        Settlement.SendNothing cancelled =
                new Settlement.SendNothing("CHP-POL-004", Outcome.CANCELLED);
        Ruling cancel = ruling(Ruling.Kind.CANCEL);
        Ruling redact = ruling(Ruling.Kind.REDACT);
        assertThat(settle(said(false, redact, cancel))).isEqualTo(cancelled);
        assertThat(settle(said(true, cancel, redact))).isEqualTo(cancelled);
        assertThat(settle(said(false, cancel, redact)))
                .isEqualTo(new Settlement.SendRedacted(SPANS));
    }

    @Test
    void unansweredNewsDoesNotUndoWhatWasAnswered() {
        Consultation said =
                new Consultation(
                        Map.of(0, ruling(Ruling.Kind.SEND, SPANS.get(0))),
                        Set.of(1),
                        false,
                        null,
                        null,
                        Optional.empty());
        assertThat(CoachedSettlement.of(EXCHANGE, PROMPT, coach(List.of(), Action.REDACT), said))
                .isEqualTo(
                        new Settlement.SendRedacted(
                                SPANS.subList(1, 3), Map.of(), Outcome.SENT_WITH_REASON));
        assertThat(settle(said)).isEqualTo(new Settlement.SendNothing("CHP-POL-003"));
    }

    @ParameterizedTest
    @EnumSource(Action.class)
    void eventThatIsLostNeverUndoesACancellationAndLetsNothingGoUnproved(Action fail) {
        Decision.Coach coach = coach(List.of(), Action.ALLOW);
        Settlement cancelled = new Settlement.SendNothing("CHP-POL-004", Outcome.CANCELLED);
        assertThat(Settlement.onFailure(coach, cancelled, true, fail)).isEqualTo(cancelled);
        Settlement sent = new Settlement.Send(Outcome.SENT_WITH_REASON);
        assertThat(Settlement.onFailure(coach, sent, true, fail))
                .isEqualTo(
                        switch (fail) {
                            case ALLOW, WARN -> sent;
                            case REDACT -> new Settlement.SendRedacted(SPANS);
                            case COACH, BLOCK -> new Settlement.SendNothing("CHP-STO-001");
                        });
    }
}
