// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import dev.cel.runtime.CelVariableResolver;
import dev.chaperone.model.decision.Action;
import dev.chaperone.model.finding.Assessment;
import dev.chaperone.model.finding.Finding;
import dev.chaperone.model.prompt.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One decision in the making: rules ask it whether they match. Belongs to one thread. */
final class Evaluation {
    private final PolicyDocument document;
    private final Assessment assessment;
    private final PolicyContext context;
    private final Facts facts;
    private @Nullable List<ByOrigin> byOrigin;

    Evaluation(PolicyDocument document, Assessment assessment, PolicyContext context, Facts facts) {
        this.document = document;
        this.assessment = assessment;
        this.context = context;
        this.facts = facts;
    }

    private record ByOrigin(Origin origin, Facts facts) {}

    /**
     * What the rule selects if it matches. A redact rule that would take nothing out does not
     * match: the next rule is asked.
     */
    Optional<List<Finding>> match(CompiledRule rule) {
        boolean matched = false;
        List<Finding> selected = new ArrayList<>();
        if (rule.condition().usesOrigin()) {
            for (ByOrigin part : byOrigin()) {
                if (rule.condition().test(variables(part.origin(), part.facts()))) {
                    matched = true;
                    select(rule, part.facts(), selected);
                }
            }
        } else if (rule.condition().test(variables(context.origin(), facts))) {
            matched = true;
            select(rule, facts, selected);
        }
        boolean idle = rule.rule().then().action() == Action.REDACT && selected.isEmpty();
        return matched && !idle ? Optional.of(selected) : Optional.empty();
    }

    private static void select(CompiledRule rule, Facts facts, List<Finding> selected) {
        rule.selection().forEach(type -> selected.addAll(facts.of(type)));
    }

    private List<ByOrigin> byOrigin() {
        if (byOrigin == null) {
            byOrigin =
                    facts.origins().stream()
                            .map(origin -> new ByOrigin(origin, facts.only(origin)))
                            .toList();
        }
        return byOrigin;
    }

    private CelVariableResolver variables(Origin origin, Facts seen) {
        return name ->
                name.equals(ConditionCompiler.FACTS)
                        ? Optional.of(seen)
                        : Optional.ofNullable(variable(name, origin));
    }

    private @Nullable Object variable(String name, Origin origin) {
        return switch (name) {
            case "service.id" -> context.serviceId();
            case "service.category" -> context.serviceCategory();
            case "service.sanction" -> sanction();
            case "account.kind" -> context.accountKind();
            case "endpoint.kind" -> context.endpointKind();
            case "intent.group" ->
                    context.intentGroup().isEmpty()
                            ? assessment.intent().group().id()
                            : context.intentGroup();
            case "intent.score" -> assessment.intent().score();
            case "origin" -> CaseReader.id(origin);
            case "tool.name" -> context.toolName();
            case "app.name" -> context.appName();
            case "model" -> context.model();
            case "user.groups" -> context.userGroups();
            case "now" -> context.now();
            default -> null;
        };
    }

    private String sanction() {
        if (!context.serviceSanction().isEmpty()) {
            return context.serviceSanction();
        }
        return document.services().sanctioned().contains(context.serviceId())
                ? "sanctioned"
                : "unsanctioned";
    }
}
