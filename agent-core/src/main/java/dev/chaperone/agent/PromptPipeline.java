// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import dev.chaperone.agent.coach.CoachingDesk;
import dev.chaperone.agent.coach.Consultation;
import dev.chaperone.agent.coach.Matter;
import dev.chaperone.agent.health.Measurements;
import dev.chaperone.agent.pause.PauseDesk;
import dev.chaperone.agent.restore.Placeholders;
import dev.chaperone.agent.restore.RestoreStore;
import dev.chaperone.detection.DetectionEngine;
import dev.chaperone.inspector.PromptGate;
import dev.chaperone.inspector.Refusal;
import dev.chaperone.inspector.Replacement;
import dev.chaperone.inspector.Restoration;
import dev.chaperone.inspector.Verdict;
import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Decision;
import dev.chaperone.model.decision.Outcome;
import dev.chaperone.model.decision.Stage;
import dev.chaperone.model.event.Event;
import dev.chaperone.model.finding.Assessment;
import dev.chaperone.model.finding.Finding;
import dev.chaperone.model.prompt.Answer;
import dev.chaperone.model.prompt.ClientProcess;
import dev.chaperone.model.prompt.Exchange;
import dev.chaperone.model.prompt.NotInspected;
import dev.chaperone.model.prompt.Prompt;
import dev.chaperone.policies.PolicyContext;
import dev.chaperone.policies.PolicyEngine;
import dev.chaperone.policies.Restore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * What happens to a prompt, one step a line: assess, evaluate, consult, settle, record, answer.
 * Implements the proxy's port. Thread-safe; called on virtual threads.
 */
public final class PromptPipeline implements PromptGate {
    private final DetectionEngine detection;
    private final Supplier<PolicyEngine> policy;
    private final EventRecorder recorder;
    private final CoachingDesk desk;
    private final Consents consents = new Consents();
    private final Placeholders placeholders;
    private final NoticeBoard notices;
    private final PauseDesk pauses;
    private final Measurements measurements;
    private final InstantSource clock;

    /**
     * @param policy the policy in force, asked once per decision
     * @param mappings which placeholder stands for which value
     * @param notices told of decisions that nobody was asked about
     */
    public PromptPipeline(
            DetectionEngine detection,
            Supplier<PolicyEngine> policy,
            EventRecorder recorder,
            CoachingDesk desk,
            RestoreStore mappings,
            NoticeBoard notices,
            PauseDesk pauses,
            Measurements measurements,
            InstantSource clock) {
        this.detection = detection;
        this.policy = policy;
        this.recorder = recorder;
        this.desk = desk;
        this.placeholders = new Placeholders(mappings);
        this.notices = notices;
        this.pauses = pauses;
        this.measurements = measurements;
        this.clock = clock;
    }

    @Override
    public Verdict decide(Exchange exchange, Prompt prompt) throws InterruptedException {
        long started = System.nanoTime();
        PolicyEngine engine = policy.get();
        Assessment assessment = assess(exchange, prompt);
        Decision decision = evaluate(engine, exchange, prompt, assessment);
        Consultation said = consult(exchange, prompt, decision);
        Settlement settlement = Settlement.of(exchange, prompt, decision, said);
        Case inHand =
                new Case(
                        exchange,
                        prompt,
                        assessment,
                        decision,
                        said,
                        settlement,
                        engine.version(),
                        started);
        EventRecorder.Receipt receipt = record(inHand);
        Verdict verdict = act(engine, inHand, receipt);
        notices.decided(inHand, receipt, verdict);
        if (said.question() == null) {
            measurements.decided(
                    exchange.service().id(), Duration.ofNanos(System.nanoTime() - started));
        }
        return verdict;
    }

    private Consultation consult(Exchange exchange, Prompt prompt, Decision decision)
            throws InterruptedException {
        return decision instanceof Decision.Coach coach
                ? desk.consult(
                        new Matter(
                                exchange,
                                prompt,
                                coach,
                                () ->
                                        placeholders
                                                .preview(exchange, prompt, coach.spans())
                                                .stream()
                                                .map(Replacement::text)
                                                .toList()))
                : Consultation.NONE;
    }

    private EventRecorder.Receipt record(Case inHand) throws InterruptedException {
        try {
            return recorder.record(inHand);
        } finally {
            inHand.said().recorded();
        }
    }

    private Assessment assess(Exchange exchange, Prompt prompt) {
        return OwnSecrets.without(detection.assess(prompt), exchange, prompt);
    }

    private Decision evaluate(
            PolicyEngine engine, Exchange exchange, Prompt prompt, Assessment assessment) {
        Instant now = clock.instant();
        Decision decision =
                Unread.decision(engine, prompt)
                        .orElseGet(() ->
                                engine.evaluate(
                                        assessment,
                                        PolicyContext.of(exchange, prompt).now(now).build()));
        return EnforcementNotice.observed(engine.document(), decision, now);
    }

    private Verdict act(PolicyEngine engine, Case inHand, EventRecorder.Receipt receipt) {
        Settlement settlement =
                receipt.durable()
                        ? inHand.settlement()
                        : Settlement.onFailure(
                                inHand.decision(),
                                inHand.settlement(),
                                inHand.exchange().redactable(),
                                onFailure(engine, inHand));
        return switch (settlement) {
            case Settlement.Send _ -> forward(engine, inHand);
            case Settlement.SendRedacted redacted -> rewrite(engine, inHand, redacted);
            case Settlement.SendNothing(String code, _) ->
                    new Verdict.Refuse(refusal(inHand, receipt, code));
        };
    }

    private Verdict forward(PolicyEngine engine, Case inHand) {
        placeholders.passed(inHand.exchange(), inHand.prompt(), restore(engine, inHand));
        return new Verdict.Forward();
    }

    /** The rule's fail action; nothing is stopped before its policy is in force. */
    private Action onFailure(PolicyEngine engine, Case inHand) {
        return EnforcementNotice.runs(engine.document(), clock.instant())
                ? Action.ALLOW
                : engine.onFailure(inHand.decision().rule());
    }

    private Verdict rewrite(PolicyEngine engine, Case inHand, Settlement.SendRedacted redacted) {
        consents.give(inHand, redacted);
        return new Verdict.Rewrite(
                Replacements.of(
                        inHand.prompt(),
                        placeholders.replace(
                                inHand.exchange(),
                                inHand.prompt(),
                                named(inHand, redacted),
                                restore(engine, inHand)),
                        redacted));
    }

    private static Restore restore(PolicyEngine engine, Case inHand) {
        return engine.restore(inHand.decision().rule());
    }

    /** What gets a number: all that a card showed, so that what it promised is what is sent. */
    private static List<Finding> named(Case inHand, Settlement.SendRedacted redacted) {
        return inHand.decision() instanceof Decision.Coach coach ? coach.spans() : redacted.spans();
    }

    private static Refusal refusal(Case inHand, EventRecorder.Receipt receipt, String code) {
        UUID question = inHand.said().question();
        return Refusals.of(question == null ? receipt.id() : question, inHand.decision(), code);
    }

    @Override
    public Verdict verify(Exchange exchange, Prompt asSent) throws InterruptedException {
        PolicyEngine engine = policy.get();
        Decision again =
                engine.evaluate(
                        assess(exchange, asSent),
                        PolicyContext.of(exchange, asSent).now(clock.instant()).build());
        if (consents.cover(exchange, asSent, again)) {
            notices.sent(exchange);
            return new Verdict.Forward();
        }
        return new Verdict.Refuse(notRedactable(exchange, "CHP-POL-002"));
    }

    @Override
    public Duration asking(Exchange exchange) {
        return desk.asking(exchange.id());
    }

    @Override
    public Refusal notRedactable(Exchange exchange, String code) {
        notices.notSent(exchange);
        Event event =
                recorder.note(
                        exchange, policy.get().version(), Action.BLOCK, Outcome.BLOCKED, code);
        return Refusals.of(event.id(), code);
    }

    @Override
    public Verdict onFailure(Exchange exchange, String code) {
        PolicyEngine engine = policy.get();
        boolean send =
                engine.document().defaults().fail() == Action.ALLOW
                        || neverHeld(exchange)
                        || EnforcementNotice.runs(engine.document(), clock.instant());
        Action action = send ? Action.ALLOW : Action.BLOCK;
        Event event =
                recorder.note(
                        exchange,
                        engine.version(),
                        action,
                        send ? Outcome.SENT : Outcome.BLOCKED,
                        code);
        return send ? new Verdict.Forward() : new Verdict.Refuse(Refusals.of(event.id(), code));
    }

    private static boolean neverHeld(Exchange exchange) {
        return switch (exchange.endpoint().kind()) {
            case DRAFT, COMPLETION, CONTROL, RESPONSE_ONLY -> true;
            case PROMPT, UPLOAD, EMBEDDING, TOOL, MESSAGE -> false;
        };
    }

    @Override
    public Restoration restoration(Exchange exchange) {
        return placeholders.restoration(exchange);
    }

    @Override
    public void passedUnmatched(Exchange exchange, long bytes) {
        recorder.unread(
                exchange,
                policy.get().version(),
                new NotInspected(NotInspected.Reason.UNKNOWN_ENDPOINT, "CHP-CAT-404", bytes));
    }

    @Override
    public void answerUnread(Exchange exchange, NotInspected why) {
        recorder.unread(exchange, policy.get().version(), why);
    }

    @Override
    public void answered(Exchange exchange, Answer answer) {
        placeholders.answered(exchange, answer);
    }

    @Override
    public void firstAnswer(Exchange exchange, Duration waited) {
        measurements.firstAnswer(exchange.service().id(), waited);
    }

    @Override
    public void failed(String serviceId, String host, String code) {
        recorder.failed(serviceId, host, policy.get().version(), code);
        measurements.failed(serviceId, code);
    }

    @Override
    public void passedUnopened(String serviceId, String host, String code) {
        recorder.passedUnopened(serviceId, host, policy.get().version(), code);
        measurements.failed(serviceId, code);
    }

    @Override
    public boolean pausing() {
        return pauses.any();
    }

    @Override
    public boolean isPaused(ClientProcess client) {
        return pauses.covers(client.uid());
    }

    @Override
    public void passedPaused(String serviceId, String host, ClientProcess client) {
        recorder.passedBy(serviceId, host, client, policy.get().version(), "paused", "CHP-PAU-001");
    }

    /**
     * One prompt with everything that was found out and decided about it.
     *
     * @param said what the coaching desk brought
     * @param started {@link System#nanoTime} when the decision began
     */
    record Case(
            Exchange exchange,
            Prompt prompt,
            Assessment assessment,
            Decision decision,
            Consultation said,
            Settlement settlement,
            String policyVersion,
            long started) {
        Stage stage() {
            return Stage.REQUEST;
        }
    }
}
