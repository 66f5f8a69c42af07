// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Decision;
import dev.chaperone.model.decision.Outcome;
import dev.chaperone.model.finding.Finding;
import java.util.List;

/**
 * What becomes of a prompt once everybody who may be asked was asked. Until the coaching desk is
 * there nobody can be asked, so that a coached prompt takes its rule's {@code on-timeout}.
 */
sealed interface Settlement {
    /** Goes out as it is. */
    record Send(Outcome outcome) implements Settlement {}

    /** Goes out without some spans. */
    record SendRedacted(List<Finding> spans) implements Settlement {
        public SendRedacted {
            spans = List.copyOf(spans);
        }
    }

    /**
     * Stays.
     *
     * @param code stable error code
     */
    record SendNothing(String code) implements Settlement {}

    /**
     * What becomes of a decided prompt.
     *
     * @param redactable false when redaction would break the request: then nothing is sent
     */
    static Settlement of(Decision decision, boolean redactable) {
        return of(decision) instanceof SendRedacted && !redactable
                ? new SendNothing("CHP-TLS-011")
                : of(decision);
    }

    private static Settlement of(Decision decision) {
        return switch (decision) {
            case Decision.Allow _, Decision.Warn _ -> new Send(Outcome.SENT);
            case Decision.Redact redact -> redacted(redact.spans());
            case Decision.Coach coach ->
                    switch (coach.onTimeout()) {
                        case ALLOW, WARN -> new Send(Outcome.TIMED_OUT);
                        case REDACT ->
                                coach.spans().isEmpty()
                                        ? new SendNothing("CHP-POL-003")
                                        : redacted(coach.spans());
                        case COACH, BLOCK -> new SendNothing("CHP-POL-003");
                    };
            case Decision.Block _ -> new SendNothing("CHP-POL-001");
        };
    }

    /** The event could not be made durable: the policy's fail verdict. */
    static Settlement onFailure(Decision decision, boolean redactable, Action fail) {
        return switch (fail) {
            case ALLOW, WARN ->
                    decision instanceof Decision.Block
                            ? of(decision, redactable)
                            : new Send(Outcome.SENT);
            case REDACT -> of(decision, redactable); // what is known is redacted
            case COACH, BLOCK -> new SendNothing("CHP-STO-001");
        };
    }

    private static Settlement redacted(List<Finding> spans) {
        return spans.isEmpty() ? new Send(Outcome.SENT) : new SendRedacted(spans);
    }

    default Outcome outcome() {
        return switch (this) {
            case Send(Outcome outcome) -> outcome;
            case SendRedacted _ -> Outcome.SENT_REDACTED;
            case SendNothing _ -> Outcome.BLOCKED;
        };
    }
}
