// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import dev.chaperone.agent.cli.InspectCommand.Judgement;
import dev.chaperone.agent.coach.Consultation;
import dev.chaperone.detection.DetectionEngine;
import dev.chaperone.inspector.capture.Inspection;
import dev.chaperone.inspector.catalogue.EndpointMatch;
import dev.chaperone.inspector.conn.IssuedTokens;
import dev.chaperone.inspector.conn.SignedBody;
import dev.chaperone.inspector.http.RequestHead;
import dev.chaperone.model.decision.Decision;
import dev.chaperone.model.finding.Assessment;
import dev.chaperone.model.finding.Finding;
import dev.chaperone.model.prompt.ClientProcess;
import dev.chaperone.model.prompt.Exchange;
import dev.chaperone.model.prompt.Prompt;
import dev.chaperone.policies.PolicyContext;
import dev.chaperone.policies.PolicyEngine;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Assesses and decides on recorded traffic with the same engines as live traffic, and records
 * nothing.
 */
public final class RecordedPrompts {
    private final DetectionEngine detection;
    private final PolicyEngine policy;
    private final InstantSource clock;

    /** The engines as they ship. */
    public static RecordedPrompts shipped() {
        return new RecordedPrompts(
                DetectionEngine.standard(), PolicyEngine.baseline(), InstantSource.system());
    }

    public RecordedPrompts(DetectionEngine detection, PolicyEngine policy, InstantSource clock) {
        this.detection = detection;
        this.policy = policy;
        this.clock = clock;
    }

    /** What the agent would have decided; nothing for what is no prompt of a known service. */
    public Judgement judge(Inspection inspection) {
        EndpointMatch match = inspection.match();
        Prompt prompt = inspection.prompt();
        if (match == null || prompt.segments().isEmpty() && prompt.notInspected().isEmpty()) {
            return new Judgement(null, null);
        }
        RequestHead head = inspection.exchange().head();
        return judge(
                new Exchange(
                        1,
                        match.service(),
                        match.endpoint(),
                        head.host(),
                        head.isWebSocketUpgrade() ? "ws" : head.httpVersion(),
                        ClientProcess.UNKNOWN,
                        !SignedBody.covers(head),
                        new IssuedTokens().ownSecretsOf(head)),
                prompt);
    }

    private Judgement judge(Exchange exchange, Prompt prompt) {
        Assessment assessment = OwnSecrets.without(detection.assess(prompt), exchange, prompt);
        Decision decision =
                Unread.decision(policy, prompt)
                        .orElseGet(() ->
                                policy.evaluate(
                                        assessment,
                                        PolicyContext.of(exchange, prompt)
                                                .now(clock.instant())
                                                .build()));
        return new Judgement(assessment(assessment), decision(decision, exchange, prompt));
    }

    private static Map<String, ?> assessment(Assessment assessment) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("findings", assessment.findings().stream().map(RecordedPrompts::finding).toList());
        json.put("intent_group", assessment.intent().group().id());
        json.put("threats", List.of());
        json.put("missing", assessment.missing());
        return json;
    }

    private static Map<String, ?> finding(Finding finding) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", finding.type());
        json.put("segment", finding.segment());
        json.put("start", finding.span().start());
        json.put("end", finding.span().end());
        json.put("confidence", finding.confidence());
        json.put("tier", finding.tier().name().toLowerCase(java.util.Locale.ROOT));
        json.put("masked", finding.masked());
        json.put("example", finding.example());
        return json;
    }

    private static Map<String, ?> decision(Decision decision, Exchange exchange, Prompt prompt) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("action", decision.action().id());
        json.put("rule", decision.rule().value());
        json.put("stage", "request");
        json.put("explanation", decision.why().message());
        json.put(
                "code",
                Settlement.of(exchange, prompt, decision, Consultation.NONE)
                                instanceof Settlement.SendNothing(String code, _)
                        ? code
                        : null);
        return json;
    }
}
