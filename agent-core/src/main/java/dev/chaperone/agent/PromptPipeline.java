// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import dev.chaperone.detection.DetectionEngine;
import dev.chaperone.inspector.PromptGate;
import dev.chaperone.inspector.Refusal;
import dev.chaperone.inspector.Verdict;
import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Decision;
import dev.chaperone.model.decision.Outcome;
import dev.chaperone.model.decision.Stage;
import dev.chaperone.model.event.Event;
import dev.chaperone.model.finding.Assessment;
import dev.chaperone.model.prompt.Answer;
import dev.chaperone.model.prompt.Exchange;
import dev.chaperone.model.prompt.NotInspected;
import dev.chaperone.model.prompt.Prompt;
import dev.chaperone.policies.PolicyContext;
import dev.chaperone.policies.PolicyEngine;
import java.time.InstantSource;
import java.util.function.Supplier;

/**
 * What happens to a prompt, one step a line: assess, evaluate, settle, record, answer. Implements
 * the proxy's port. Thread-safe; called on virtual threads.
 */
public final class PromptPipeline implements PromptGate {
    private final DetectionEngine detection;
    private final Supplier<PolicyEngine> policy;
    private final EventRecorder recorder;
    private final Placeholders placeholders = new Placeholders();
    private final InstantSource clock;

    /**
     * @param policy the policy in force, asked once per decision
     */
    public PromptPipeline(
            DetectionEngine detection,
            Supplier<PolicyEngine> policy,
            EventRecorder recorder,
            InstantSource clock) {
        this.detection = detection;
        this.policy = policy;
        this.recorder = recorder;
        this.clock = clock;
    }

    @Override
    public Verdict decide(Exchange exchange, Prompt prompt) throws InterruptedException {
        long started = System.nanoTime();
        PolicyEngine engine = policy.get();
        Assessment assessment = assess(exchange, prompt);
        Decision decision = evaluate(engine, exchange, prompt, assessment);
        Settlement settlement = Settlement.of(decision, exchange.redactable());
        Case inHand =
                new Case(
                        exchange,
                        prompt,
                        assessment,
                        decision,
                        settlement,
                        engine.version(),
                        started);
        return act(engine, inHand, recorder.record(inHand));
    }

    private Assessment assess(Exchange exchange, Prompt prompt) {
        return OwnSecrets.without(detection.assess(prompt), exchange, prompt);
    }

    private Decision evaluate(
            PolicyEngine engine, Exchange exchange, Prompt prompt, Assessment assessment) {
        return Unread.decision(engine, prompt)
                .orElseGet(() ->
                        engine.evaluate(
                                assessment,
                                PolicyContext.of(exchange, prompt).now(clock.instant()).build()));
    }

    private Verdict act(PolicyEngine engine, Case inHand, EventRecorder.Receipt receipt) {
        Settlement settlement =
                receipt.durable()
                        ? inHand.settlement()
                        : Settlement.onFailure(
                                inHand.decision(),
                                inHand.exchange().redactable(),
                                engine.onFailure(inHand.decision().rule()));
        return switch (settlement) {
            case Settlement.Send _ -> new Verdict.Forward();
            case Settlement.SendRedacted(var spans) ->
                    new Verdict.Rewrite(
                            placeholders.replace(inHand.exchange(), inHand.prompt(), spans));
            case Settlement.SendNothing(String code) ->
                    new Verdict.Refuse(Refusals.of(receipt.id(), inHand.decision(), code));
        };
    }

    @Override
    public Verdict verify(Exchange exchange, Prompt asSent) throws InterruptedException {
        PolicyEngine engine = policy.get();
        Decision again =
                engine.evaluate(
                        assess(exchange, asSent),
                        PolicyContext.of(exchange, asSent).now(clock.instant()).build());
        return switch (again) {
            case Decision.Allow _, Decision.Warn _ -> new Verdict.Forward();
            case Decision.Redact r when r.spans().isEmpty() -> new Verdict.Forward();
            case Decision.Redact _, Decision.Coach _, Decision.Block _ ->
                    new Verdict.Refuse(notRedactable(exchange, "CHP-POL-002"));
        };
    }

    @Override
    public Refusal notRedactable(Exchange exchange, String code) {
        Event event =
                recorder.note(
                        exchange, policy.get().version(), Action.BLOCK, Outcome.BLOCKED, code);
        return Refusals.of(event.id(), code);
    }

    @Override
    public Verdict onFailure(Exchange exchange, String code) {
        PolicyEngine engine = policy.get();
        boolean send = engine.document().defaults().fail() == Action.ALLOW || neverHeld(exchange);
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
    public void failed(String serviceId, String host, String code) {
        recorder.failed(serviceId, host, policy.get().version(), code);
    }

    /**
     * One prompt with everything that was found out and decided about it.
     *
     * @param started {@link System#nanoTime} when the decision began
     */
    record Case(
            Exchange exchange,
            Prompt prompt,
            Assessment assessment,
            Decision decision,
            Settlement settlement,
            String policyVersion,
            long started) {
        Stage stage() {
            return Stage.REQUEST;
        }
    }
}
