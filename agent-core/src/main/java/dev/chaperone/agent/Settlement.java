// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import dev.chaperone.agent.coach.Consultation;
import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Decision;
import dev.chaperone.model.decision.Outcome;
import dev.chaperone.model.finding.Finding;
import dev.chaperone.model.prompt.Exchange;
import dev.chaperone.model.prompt.Prompt;
import java.util.List;
import java.util.Map;

/** What becomes of a prompt once everybody who may be asked was asked. */
sealed interface Settlement {
    /** Goes out as it is. */
    record Send(Outcome outcome) implements Settlement {}

    /**
     * Goes out with some of it replaced.
     *
     * @param spans what is replaced by placeholders
     * @param edits what is sent instead of whole segments, by index
     * @param outcome what the event says
     */
    record SendRedacted(List<Finding> spans, Map<Integer, String> edits, Outcome outcome)
            implements Settlement {
        public SendRedacted {
            spans = List.copyOf(spans);
            edits = Map.copyOf(edits);
        }

        SendRedacted(List<Finding> spans) {
            this(spans, Map.of(), Outcome.SENT_REDACTED);
        }

        /** Hides the edits. */
        @Override
        public String toString() {
            return "SendRedacted[" + spans.size() + " spans, " + outcome + "]";
        }
    }

    /**
     * Stays.
     *
     * @param code stable error code
     */
    record SendNothing(String code, Outcome outcome) implements Settlement {
        SendNothing(String code) {
            this(code, Outcome.BLOCKED);
        }
    }

    /**
     * What becomes of a decided prompt.
     *
     * @param said what the coaching desk brought; asked for a coached prompt only
     */
    static Settlement of(Exchange exchange, Prompt prompt, Decision decision, Consultation said) {
        return switch (decision) {
            case Decision.Allow _, Decision.Warn _ -> new Send(Outcome.SENT);
            case Decision.Redact redact -> redacted(redact.spans(), exchange.redactable());
            case Decision.Coach coach -> CoachedSettlement.of(exchange, prompt, coach, said);
            case Decision.Block _ -> new SendNothing("CHP-POL-001");
        };
    }

    /**
     * The event could not be made durable: the policy's fail verdict. It never sends what is not to
     * be sent, and takes out of a coached prompt what nobody can be shown to have let go.
     *
     * @param settled what would have become of it
     */
    static Settlement onFailure(
            Decision decision, Settlement settled, boolean redactable, Action fail) {
        if (settled instanceof SendNothing) {
            return settled;
        }
        return switch (fail) {
            case ALLOW, WARN ->
                    decision instanceof Decision.Coach ? settled : new Send(Outcome.SENT);
            case REDACT ->
                    decision instanceof Decision.Coach coach
                            ? withoutAll(coach, settled, redactable)
                            : settled; // what is known is redacted
            case COACH, BLOCK -> new SendNothing("CHP-STO-001");
        };
    }

    private static Settlement withoutAll(
            Decision.Coach coach, Settlement settled, boolean redactable) {
        return switch (settled.outcome()) {
            case SENT_WITH_REASON ->
                    coach.spans().isEmpty() || coach.whole() || !redactable
                            ? new SendNothing("CHP-STO-001")
                            : new SendRedacted(coach.spans());
            case SENT, SENT_REDACTED, EDITED, CANCELLED, TIMED_OUT, BLOCKED -> settled;
        };
    }

    /**
     * @param redactable false when redaction would break the request: then nothing is sent
     */
    private static Settlement redacted(List<Finding> spans, boolean redactable) {
        if (spans.isEmpty()) {
            return new Send(Outcome.SENT);
        }
        return redactable ? new SendRedacted(spans) : new SendNothing("CHP-TLS-011");
    }

    default Outcome outcome() {
        return switch (this) {
            case Send(Outcome outcome) -> outcome;
            case SendRedacted redacted -> redacted.outcome();
            case SendNothing nothing -> nothing.outcome();
        };
    }
}
