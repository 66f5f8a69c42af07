// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import dev.chaperone.model.decision.Decision;
import dev.chaperone.model.finding.Assessment;
import dev.chaperone.model.finding.Finding;
import dev.chaperone.model.finding.Intent;
import dev.chaperone.model.finding.Span;
import dev.chaperone.model.finding.Tier;
import dev.chaperone.model.prompt.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Runs the test cases of a policy's rules. Besides each case, each rule is asked for one case that
 * fires, one near miss, and one case that turns red when the rule is removed.
 */
public final class PolicyTests {
    private final PolicyEngine engine;
    private final Optional<Assessor> assessor;

    private PolicyTests(PolicyEngine engine, Optional<Assessor> assessor) {
        this.engine = engine;
        this.assessor = assessor;
    }

    /** Runs every case with the real detection. */
    public static Report run(PolicyEngine engine, Assessor assessor) {
        return new PolicyTests(engine, Optional.of(assessor)).run();
    }

    /** Runs the cases that name their findings; those with a text are skipped. */
    public static Report runWithoutDetection(PolicyEngine engine) {
        return new PolicyTests(engine, Optional.empty()).run();
    }

    /** What differs from the expectation of a case that names its findings; empty for green. */
    static Optional<String> judgeStated(PolicyEngine engine, PolicyCase test) {
        return red(engine, new Judged(test, assessment(test), contextOf(test)));
    }

    /** What became of a case. */
    public enum Result {
        PASSED,
        FAILED,
        SKIPPED
    }

    /**
     * One line of the report.
     *
     * @param rule the rule's id
     * @param line of the document, from 1
     * @param result what became of it
     * @param detail what was expected and seen; no text of the case
     */
    public record CaseResult(String rule, int line, Result result, String detail) {}

    /**
     * All results in the document's order.
     *
     * @param cases one for each case, and one more for each rule whose cases prove nothing
     */
    public record Report(List<CaseResult> cases) {
        public Report {
            cases = List.copyOf(cases);
        }

        public long count(Result result) {
            return cases.stream().filter(c -> c.result() == result).count();
        }

        /** True if at least one case ran and none failed. */
        public boolean green() {
            return count(Result.FAILED) == 0 && count(Result.PASSED) > 0;
        }

        public Optional<CaseResult> firstFailure() {
            return cases.stream().filter(c -> c.result() == Result.FAILED).findFirst();
        }
    }

    private Report run() {
        List<CaseResult> results = new ArrayList<>();
        for (PolicyRule rule : engine.document().rules()) {
            List<Judged> judged = new ArrayList<>();
            for (PolicyCase test : rule.tests()) {
                Optional<Judged> one = judge(test);
                one.ifPresent(judged::add);
                results.add(
                        one.map(j -> result(rule, j))
                                .orElseGet(() ->
                                        new CaseResult(
                                                rule.id().value(),
                                                test.line(),
                                                Result.SKIPPED,
                                                "needs detection")));
            }
            if (judged.size() == rule.tests().size()) {
                proof(rule, judged)
                        .ifPresent(detail ->
                                results.add(
                                        new CaseResult(
                                                rule.id().value(),
                                                rule.line(),
                                                Result.FAILED,
                                                detail)));
            }
        }
        return new Report(results);
    }

    /** A case with what detection makes of it. */
    private record Judged(PolicyCase test, Assessment assessment, PolicyContext context) {
        @Override
        public String toString() {
            return test.toString();
        }
    }

    private Optional<Judged> judge(PolicyCase test) {
        if (test.text() == null) {
            return Optional.of(new Judged(test, assessment(test), contextOf(test)));
        }
        List<Segment> segments =
                List.of(new Segment(0, SampleValues.expand(test.text()), test.context().origin()));
        return assessor.map(detection ->
                new Judged(
                        test, detection.assess(segments), test.context().withSegments(segments)));
    }

    private CaseResult result(PolicyRule rule, Judged judged) {
        Optional<String> red = red(engine, judged);
        return new CaseResult(
                rule.id().value(),
                judged.test().line(),
                red.isPresent() ? Result.FAILED : Result.PASSED,
                red.orElseGet(() -> judged.test().expect().id()));
    }

    /** What differs from the expectation; empty for green. */
    private static Optional<String> red(PolicyEngine engine, Judged judged) {
        PolicyCase test = judged.test();
        Decision decision = engine.evaluate(judged.assessment(), judged.context());
        if (decision.action() != test.expect()) {
            return Optional.of(
                    "expected %s, got %s by '%s'"
                            .formatted(
                                    test.expect().id(), decision.action().id(), decision.rule()));
        }
        if (!test.rule().isEmpty() && !test.rule().equals(decision.rule().value())) {
            return Optional.of(
                    "expected rule '%s', got '%s'".formatted(test.rule(), decision.rule()));
        }
        List<String> redacts = test.redacts();
        return redacts == null ? Optional.empty() : difference(redacts, spans(decision));
    }

    private static Optional<String> difference(List<String> expected, List<Finding> spans) {
        for (String type : expected) {
            if (spans.stream().noneMatch(span -> FindingTypes.covers(type, span))) {
                return Optional.of("expected to redact " + type + ", which is left in");
            }
        }
        return spans.stream()
                .filter(span -> expected.stream().noneMatch(t -> FindingTypes.covers(t, span)))
                .findFirst()
                .map(span -> "redacts " + span.type() + ", which 'redacts' does not list");
    }

    private static List<Finding> spans(Decision decision) {
        return switch (decision) {
            case Decision.Redact redact -> redact.spans();
            case Decision.Coach coach -> coach.spans();
            case Decision.Allow _, Decision.Warn _, Decision.Block _ -> List.of();
        };
    }

    /** Why the rule's cases prove nothing about it; empty when they do. */
    private Optional<String> proof(PolicyRule rule, List<Judged> judged) {
        long firing =
                judged.stream()
                        .filter(j -> engine.fires(rule.id(), j.assessment(), j.context()))
                        .count();
        if (firing == 0) {
            return Optional.of("no case fires: add one that meets its 'when'");
        }
        if (firing == judged.size()) {
            return Optional.of("no near miss: add a case that just fails its 'when'");
        }
        PolicyEngine without = engine.without(rule.id());
        return judged.stream().allMatch(j -> red(without, j).isEmpty())
                ? Optional.of(
                        "no case turns red when the rule is removed: name 'rule' or 'redacts' in"
                                + " one, or remove the rule")
                : Optional.empty();
    }

    /** The stated findings, one after the other, a segment for each item. */
    private static Assessment assessment(PolicyCase test) {
        List<Finding> findings = new ArrayList<>();
        for (int segment = 0; segment < test.findings().size(); segment++) {
            PolicyCase.CaseFinding stated = test.findings().get(segment);
            boolean table = stated.type().equals(FindingTypes.PEOPLE_TABLE);
            for (int i = 0; i < stated.count(); i++) {
                findings.add(
                        new Finding(
                                table ? "PERSON" : stated.type(),
                                segment,
                                new Span(i * 10, i * 10 + 9),
                                stated.confidence(),
                                Tier.STRUCTURED,
                                table ? FindingTypes.PEOPLE_TABLE_DETECTOR : "stated",
                                "stated " + segment + "." + i,
                                stated.example()));
            }
        }
        return new Assessment(findings, Intent.UNKNOWN, List.of(), List.of());
    }

    /** Empty segments that carry the origins of the stated findings. */
    private static PolicyContext contextOf(PolicyCase test) {
        List<Segment> segments = new ArrayList<>();
        for (PolicyCase.CaseFinding stated : test.findings()) {
            segments.add(new Segment(segments.size(), "", stated.origin()));
        }
        return test.context().withSegments(segments);
    }
}
