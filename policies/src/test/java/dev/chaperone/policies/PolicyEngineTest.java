// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import static dev.chaperone.policies.Samples.engine;
import static dev.chaperone.policies.Samples.finding;
import static dev.chaperone.policies.Samples.found;
import static dev.chaperone.policies.Samples.rule;
import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Decision;
import dev.chaperone.model.decision.RuleId;
import dev.chaperone.model.decision.Stage;
import dev.chaperone.model.finding.Assessment;
import dev.chaperone.model.finding.Finding;
import dev.chaperone.model.prompt.Origin;
import dev.chaperone.model.prompt.Segment;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class PolicyEngineTest {
    private static final PolicyContext USER = PolicyContext.builder().build();

    private static List<String> types(Decision decision) {
        return switch (decision) {
            case Decision.Redact redact -> redact.spans().stream().map(Finding::type).toList();
            case Decision.Coach coach -> coach.spans().stream().map(Finding::type).toList();
            default -> List.of();
        };
    }

    @Test
    void baselineRedactsASecretAndLetsPlainTextPass() {
        PolicyEngine engine = PolicyEngine.baseline();
        Decision decision = engine.evaluate(found("SECRET.github-pat"), USER);
        assertThat(decision.action()).isEqualTo(Action.REDACT);
        assertThat(decision.rule()).isEqualTo(new RuleId("secrets-out"));
        Decision nothing = engine.evaluate(Assessment.NOTHING, USER);
        assertThat(nothing.action()).isEqualTo(Action.ALLOW);
        assertThat(nothing.rule()).isEqualTo(new RuleId("default:allow"));
    }

    @Test
    void aRuleSaysForItselfWhatComesBackInTheAnswer() {
        PolicyEngine engine =
                engine(
                        rule("secrets", "has(\"SECRET\")", "{action: redact}\n  restore: tools")
                                + rule("cards", "has(\"CREDIT_CARD\")", "{action: redact}"));
        assertThat(engine.restore(new RuleId("secrets"))).isEqualTo(Restore.TOOLS);
        assertThat(engine.restore(new RuleId("cards"))).isEqualTo(Restore.TEXT);
        assertThat(engine.restore(new RuleId("default:allow"))).isEqualTo(Restore.TEXT);
    }

    @Test
    void spansAreTheUnionOfAllMatchingRedactAndCoachRules() {
        PolicyEngine engine =
                engine(
                        rule("secrets", "has(\"SECRET\")", "{action: redact}")
                                + rule("block-url", "has(\"URL\")", "{action: block}")
                                + rule("cards", "has(\"CREDIT_CARD\")", "{action: coach}"));
        Decision decision = engine.evaluate(found("CREDIT_CARD", "URL", "SECRET.x"), USER);
        assertThat(decision.rule()).isEqualTo(new RuleId("secrets"));
        assertThat(decision.action()).isEqualTo(Action.REDACT);
        assertThat(types(decision)).containsExactly("CREDIT_CARD", "SECRET.x");
    }

    @Test
    void anAllowThatComesFirstExemptsFromLaterRules() {
        PolicyEngine engine =
                engine(
                        rule("exempt", "service.id == \"vault\"", "{action: allow}")
                                + rule("secrets", "has(\"SECRET\")", "{action: redact}"));
        PolicyContext vault = PolicyContext.builder().serviceId("vault").build();
        assertThat(engine.evaluate(found("SECRET.x"), vault).rule())
                .isEqualTo(new RuleId("exempt"));
        assertThat(engine.evaluate(found("SECRET.x"), USER).rule())
                .isEqualTo(new RuleId("secrets"));
    }

    @Test
    void aRuleThatNamesOriginSeesEachOriginAlone() {
        PolicyEngine engine =
                engine(
                        rule(
                                "tool-secrets",
                                "has(\"SECRET\") && origin == \"tool-result\"",
                                "{action: redact}"));
        PolicyContext context =
                PolicyContext.builder()
                        .segments(
                                List.of(
                                        new Segment(0, "0123456789", Origin.USER),
                                        new Segment(1, "0123456789", Origin.TOOL_RESULT)))
                        .build();
        Assessment both = found(finding("SECRET.a", 0, 0), finding("SECRET.b", 1, 0));
        assertThat(types(engine.evaluate(both, context))).containsExactly("SECRET.b");
        assertThat(engine.evaluate(found(finding("SECRET.a", 0, 0)), context).action())
                .isEqualTo(Action.ALLOW);
    }

    @Test
    void aRedactRuleThatWouldTakeNothingOutGivesWayToTheNext() {
        PolicyEngine engine =
                engine(
                        rule("few", "count(\"EMAIL\") < 3", "{action: redact}")
                                + rule("warn", "service.id == \"\"", "{action: warn}"));
        assertThat(engine.evaluate(Assessment.NOTHING, USER).rule()).isEqualTo(new RuleId("warn"));
        assertThat(engine.evaluate(found("EMAIL"), USER).rule()).isEqualTo(new RuleId("few"));
    }

    @Test
    void coachingNeverHoldsWhatNobodyWaitsFor() {
        PolicyEngine engine = engine(rule("ask", "has(\"SECRET\")", "{action: coach, within: 5s}"));
        Decision held = engine.evaluate(found("SECRET.x"), USER);
        assertThat(held)
                .isInstanceOfSatisfying(
                        Decision.Coach.class,
                        coach -> {
                            assertThat(coach.within()).isEqualTo(Duration.ofSeconds(5));
                            assertThat(coach.onTimeout()).isEqualTo(Action.REDACT);
                        });
        for (String kind : List.of("draft", "completion", "control", "response-only")) {
            PolicyContext unasked = PolicyContext.builder().endpointKind(kind).build();
            Decision decision = engine.evaluate(found("SECRET.x"), unasked);
            assertThat(decision.action()).isEqualTo(Action.REDACT);
            assertThat(types(decision)).containsExactly("SECRET.x");
        }
    }

    @Test
    void coachSaysWhatARedactRuleTakesOutWhateverIsAnswered() {
        PolicyEngine engine =
                engine(
                        rule("ask", "has(\"EMAIL\")", "{action: coach}")
                                + rule("secrets", "has(\"SECRET\")", "{action: redact}")
                                + rule("ask-too", "has(\"PHONE\")", "{action: coach}"));
        Assessment all =
                found(finding("EMAIL", 0, 0), finding("SECRET.x", 0, 2), finding("PHONE", 0, 4));
        assertThat(engine.evaluate(all, USER))
                .isInstanceOfSatisfying(
                        Decision.Coach.class,
                        coach -> {
                            assertThat(coach.spans()).hasSize(3);
                            assertThat(coach.required())
                                    .extracting(Finding::type)
                                    .containsExactly("SECRET.x");
                            assertThat(coach.whole()).isFalse();
                        });
    }

    @Test
    void ruleWithoutFindingsIsAboutTheMessageAsAWhole() {
        PolicyEngine engine =
                engine(
                        rule("ask", "service.id == \"\"", "{action: coach}")
                                        .replace("  tests:", "  on-timeout: block\n  tests:")
                                + rule("secrets", "has(\"SECRET\")", "{action: redact}"));
        assertThat(engine.evaluate(found("SECRET.x"), USER))
                .isInstanceOfSatisfying(
                        Decision.Coach.class,
                        coach -> {
                            assertThat(coach.whole()).isTrue();
                            assertThat(coach.required()).hasSize(1);
                        });
    }

    @Test
    void unansweredCardNeverSendsWhatARedactRuleTakesOut() {
        PolicyEngine engine =
                engine(
                        rule("ask", "has(\"EMAIL\")", "{action: coach}")
                                        .replace("  tests:", "  on-timeout: allow\n  tests:")
                                + rule("out", "has(\"SECRET\")", "{action: redact}"));
        assertThat(engine.evaluate(found("EMAIL"), USER))
                .isInstanceOfSatisfying(
                        Decision.Coach.class,
                        coach -> assertThat(coach.onTimeout()).isEqualTo(Action.ALLOW));
        assertThat(engine.evaluate(found("EMAIL", "SECRET.x"), USER))
                .isInstanceOfSatisfying(
                        Decision.Coach.class,
                        coach -> assertThat(coach.onTimeout()).isEqualTo(Action.REDACT));
    }

    @Test
    void examplesCountOnlyWhereThePolicySaysSo() {
        Finding example =
                new Finding(
                        "CREDIT_CARD",
                        0,
                        finding("X", 0, 0).span(),
                        1,
                        dev.chaperone.model.finding.Tier.VALIDATED,
                        "payment-card",
                        "**** 1111",
                        true);
        String cards = rule("cards", "has(\"CREDIT_CARD\")", "{action: redact}").indent(2);
        PolicyEngine count =
                PolicyEngine.compile(Samples.document("version: 1\nname: t\nrules:\n" + cards));
        PolicyEngine redact =
                PolicyEngine.compile(
                        Samples.document(
                                "version: 1\nname: t\ndefaults: {examples: redact}\nrules:\n"
                                        + cards));
        assertThat(count.evaluate(found(example), USER).action()).isEqualTo(Action.ALLOW);
        assertThat(redact.evaluate(found(example), USER).action()).isEqualTo(Action.REDACT);
    }

    @Test
    void stagesDoNotSeeEachOthersRules() {
        PolicyEngine engine = engine(rule("secrets", "has(\"SECRET\")", "{action: redact}"));
        PolicyContext response = PolicyContext.builder().stage(Stage.RESPONSE).build();
        assertThat(engine.evaluate(found("SECRET.x"), response).action()).isEqualTo(Action.ALLOW);
    }

    @Test
    void ruleVerdictsOverrideThePolicys() {
        PolicyEngine engine =
                engine(
                        rule("strict", "has(\"SECRET\")", "{action: coach}")
                                        .replace(
                                                "  tests:",
                                                "  fail: block\n  on-timeout: block\n  tests:")
                                + rule("loose", "has(\"URL\")", "{action: coach}"));
        assertThat(engine.onFailure(new RuleId("strict"))).isEqualTo(Action.BLOCK);
        assertThat(engine.onTimeout(new RuleId("strict"))).isEqualTo(Action.BLOCK);
        assertThat(engine.onFailure(new RuleId("loose"))).isEqualTo(Action.REDACT);
        assertThat(engine.onTimeout(new RuleId("default:allow"))).isEqualTo(Action.REDACT);
    }

    @Test
    void theVersionNamesTheDocumentsBytes() {
        String a = engine(rule("a", "has(\"URL\")", "{action: warn}")).version();
        String b = engine(rule("b", "has(\"URL\")", "{action: warn}")).version();
        assertThat(a).matches("test@[0-9a-f]{12}").isNotEqualTo(b);
    }

    @Test
    void sanctionFollowsThePolicysList() {
        PolicyEngine engine =
                PolicyEngine.compile(
                        Samples.document(
                                "version: 1\nname: t\nsanctioned: [ours]\nrules:\n"
                                        + rule(
                                                        "foreign",
                                                        "service.sanction == \"unsanctioned\"",
                                                        "{action: block}")
                                                .indent(2)));
        assertThat(
                        engine.evaluate(
                                        Assessment.NOTHING,
                                        PolicyContext.builder().serviceId("ours").build())
                                .action())
                .isEqualTo(Action.ALLOW);
        assertThat(engine.evaluate(Assessment.NOTHING, USER).action()).isEqualTo(Action.BLOCK);
    }
}
