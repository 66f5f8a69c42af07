// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Decision;
import dev.chaperone.model.decision.Explanation;
import dev.chaperone.model.decision.RuleId;
import dev.chaperone.model.decision.Stage;
import dev.chaperone.model.finding.Assessment;
import dev.chaperone.model.finding.Finding;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A compiled policy: what was found and where → what is to be done. Immutable, thread-safe and
 * pure.
 *
 * <p>The first rule of the stage that matches decides. Where it redacts or coaches, the spans are
 * the union of what all matching redact and coach rules of the stage select (ADR 0003), so that a
 * card is not sent because the rule for secrets came first.
 */
public final class PolicyEngine {
    private static final Set<String> NEVER_HELD =
            Set.of("draft", "completion", "control", "response-only");

    private final PolicyDocument document;
    private final Map<Stage, List<CompiledRule>> rules = new EnumMap<>(Stage.class);

    private PolicyEngine(PolicyDocument document, List<CompiledRule> compiled) {
        this.document = document;
        for (Stage stage : Stage.values()) {
            rules.put(
                    stage,
                    compiled.stream().filter(c -> c.rule().stages().contains(stage)).toList());
        }
    }

    /**
     * Type-checks and compiles every condition.
     *
     * @throws PolicyFormatException naming the line of the first condition that cannot be used
     */
    public static PolicyEngine compile(PolicyDocument document) {
        ConditionCompiler compiler = new ConditionCompiler(document.source());
        return new PolicyEngine(
                document,
                document.rules().stream()
                        .map(rule -> CompiledRule.of(document, rule, compiler.compile(rule)))
                        .toList());
    }

    /** The policy in force where no other is given, compiled. */
    public static PolicyEngine baseline() {
        return compile(PolicyDocument.baseline());
    }

    /**
     * Decides.
     *
     * @throws IllegalStateException when a condition could not be judged (a bound was hit): the
     *     caller takes {@link #onFailure()}
     */
    public Decision evaluate(Assessment assessment, PolicyContext context) {
        Facts facts = new Facts(counted(assessment.findings()), context);
        Evaluation evaluation = new Evaluation(document, assessment, context, facts);
        Optional<CompiledRule> first = Optional.empty();
        Set<Finding> selected = new LinkedHashSet<>();
        Set<Finding> required = new LinkedHashSet<>();
        boolean whole = false;
        for (CompiledRule rule : rules.getOrDefault(context.stage(), List.of())) {
            if (first.isPresent() && !rule.selects()) {
                continue;
            }
            Optional<List<Finding>> match = evaluation.match(rule);
            if (match.isPresent()) {
                whole = first.isPresent() ? whole : match.get().isEmpty();
                first = first.isPresent() ? first : Optional.of(rule);
                selected.addAll(match.get());
                if (rule.rule().then().action() == Action.REDACT) {
                    required.addAll(match.get());
                }
                if (!first.get().selects()) {
                    break;
                }
            }
        }
        Selection selection =
                new Selection(
                        assessment.findings().stream().filter(selected::contains).toList(),
                        assessment.findings().stream().filter(required::contains).toList(),
                        whole);
        return first.map(rule -> decide(rule.rule(), selection, context))
                .orElseGet(() -> byDefault("action", document.defaults().action()));
    }

    /**
     * What the matching rules select, in the assessment's order.
     *
     * @param required what the redact rules among them select
     * @param whole true if the deciding rule selects nothing
     */
    private record Selection(List<Finding> spans, List<Finding> required, boolean whole) {}

    private Decision decide(PolicyRule rule, Selection selection, PolicyContext context) {
        List<Finding> spans = selection.spans();
        Action action = rule.then().action();
        // An unanswered card must not send what a redact rule takes out of the same prompt.
        Action unanswered =
                !selection.required().isEmpty() && onTimeout(rule.id()) == Action.ALLOW
                        ? Action.REDACT
                        : onTimeout(rule.id());
        if (action == Action.COACH && neverHeld(context)) {
            action = unanswered;
            if (action == Action.REDACT && spans.isEmpty()) {
                action = Action.BLOCK;
            }
        }
        Explanation why = Explanations.of(rule, action, spans);
        return switch (action) {
            case ALLOW -> new Decision.Allow(rule.id(), why);
            case WARN -> new Decision.Warn(rule.id(), why);
            case REDACT -> new Decision.Redact(rule.id(), why, spans);
            case COACH ->
                    new Decision.Coach(
                            rule.id(),
                            why,
                            spans,
                            selection.required(),
                            selection.whole(),
                            rule.then().within() == null
                                    ? document.defaults().within()
                                    : rule.then().within(),
                            unanswered);
            case BLOCK -> new Decision.Block(rule.id(), why);
        };
    }

    /**
     * Inline completion and drafts are never held and never show a card (DESIGN §4.8); nor is what
     * a client sends beside prompts, of which nobody knows.
     */
    private static boolean neverHeld(PolicyContext context) {
        return NEVER_HELD.contains(context.endpointKind());
    }

    private List<Finding> counted(List<Finding> findings) {
        return document.defaults().redactExamples()
                ? findings
                : findings.stream().filter(finding -> !finding.example()).toList();
    }

    /**
     * The decision on content above the inspected size; its rule id is {@code default:oversize}.
     */
    public Decision oversize() {
        return byDefault("oversize", document.defaults().oversize());
    }

    /** The decision on content that nobody could read; {@code default:unreadable}. */
    public Decision unreadable() {
        return byDefault("unreadable", document.defaults().unreadable());
    }

    private static Decision byDefault(String key, Action action) {
        RuleId id = new RuleId("default:" + (key.equals("action") ? action.id() : key));
        Explanation why = Explanations.byDefault(key, action);
        return switch (action) {
            case ALLOW -> new Decision.Allow(id, why);
            case WARN -> new Decision.Warn(id, why);
            case REDACT, COACH, BLOCK -> new Decision.Block(id, why);
        };
    }

    /** The verdict on content that nobody could read: allow, warn or block. */
    public Action onUnreadable() {
        return document.defaults().unreadable();
    }

    /** The verdict on content above the inspected size: allow, warn or block. */
    public Action onOversize() {
        return document.defaults().oversize();
    }

    /**
     * The verdict when no decision could be taken: allow, redact or block. Redact means that what
     * is known is taken out, and that the request is refused where that is impossible.
     */
    public Action onFailure() {
        return document.defaults().fail();
    }

    /** The verdict when a rule's decision could not be carried out. */
    public Action onFailure(RuleId rule) {
        return rule(rule).map(PolicyRule::fail).orElse(onFailure());
    }

    /** The verdict when a rule's card was not answered: allow, redact or block. */
    public Action onTimeout(RuleId rule) {
        return rule(rule).map(PolicyRule::onTimeout).orElse(document.defaults().onTimeout());
    }

    /** What comes back as real values in the answer to what a rule redacted. */
    public Restore restore(RuleId rule) {
        return rule(rule).map(PolicyRule::restore).orElse(document.defaults().restore());
    }

    /** The rule of that id; empty for the {@code default:} ids. */
    public Optional<PolicyRule> rule(RuleId id) {
        return document.rules().stream().filter(rule -> rule.id().equals(id)).findFirst();
    }

    /** The document's name and a short hash of its bytes. */
    public String version() {
        return document.version();
    }

    public PolicyDefaults defaults() {
        return document.defaults();
    }

    public PolicyDocument document() {
        return document;
    }

    /** The same policy without one rule: what the tests of that rule must notice. */
    PolicyEngine without(RuleId id) {
        return new PolicyEngine(
                document,
                rules.values().stream()
                        .flatMap(List::stream)
                        .distinct()
                        .filter(compiled -> !compiled.rule().id().equals(id))
                        .sorted(
                                java.util.Comparator.comparingInt(
                                        compiled -> document.rules().indexOf(compiled.rule())))
                        .toList());
    }

    /** True if the rule's condition holds; what its own tests must show both ways. */
    boolean fires(RuleId id, Assessment assessment, PolicyContext context) {
        Facts facts = new Facts(counted(assessment.findings()), context);
        Evaluation evaluation = new Evaluation(document, assessment, context, facts);
        return rules.getOrDefault(context.stage(), List.of()).stream()
                .filter(compiled -> compiled.rule().id().equals(id))
                .anyMatch(compiled -> evaluation.match(compiled).isPresent());
    }

    @Override
    public String toString() {
        return "PolicyEngine[" + version() + "]";
    }
}
