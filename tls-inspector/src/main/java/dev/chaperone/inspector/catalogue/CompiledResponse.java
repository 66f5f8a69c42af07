// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import com.google.re2j.Pattern;
import dev.chaperone.inspector.body.JsonValue;
import dev.chaperone.model.service.AnswerRule;
import dev.chaperone.model.service.PatchFacts;
import dev.chaperone.model.service.ResponseFacts;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** {@link ResponseFacts} with every path and condition compiled. */
record CompiledResponse(
        @Nullable Pattern whenContentType,
        String framing,
        Set<String> stopAt,
        @Nullable Path item,
        @Nullable Path dedupe,
        String strip,
        @Nullable Patch patch,
        List<Rule> rules) {

    /** {@link AnswerRule} compiled. */
    record Rule(
            @Nullable Pattern on,
            @Nullable Condition when,
            @Nullable Path each,
            @Nullable Condition whenEach,
            @Nullable Path key,
            List<Path> append,
            @Nullable Path set,
            @Nullable Path setIfEmpty,
            List<Path> reasoning,
            @Nullable ToolPaths tool,
            List<Path> model,
            List<Path> conversation,
            List<Path> error,
            @Nullable EchoPaths echo) {}

    /** {@link AnswerRule.EchoRule} compiled. */
    record EchoPaths(List<Path> text, List<Path> args, List<Path> argsDelta) {}

    record ToolPaths(
            @Nullable Path key,
            @Nullable Path name,
            List<Path> args,
            boolean replace,
            boolean continuesLast) {}

    /** {@link PatchFacts} compiled. */
    record Patch(
            PatchFacts facts,
            Set<String> events,
            @Nullable Path items,
            @Nullable Condition init,
            @Nullable Path initFrom,
            List<Rule> collect) {}

    /** Calls {@code apply} with each rule that holds for an event and each value it reads from. */
    static void forEach(
            List<Rule> rules,
            String name,
            JsonValue document,
            Scope scope,
            BiConsumer<Rule, JsonValue> apply) {
        for (Rule rule : rules) {
            if (rule.on != null && !rule.on.matches(name)) {
                continue;
            }
            if (rule.when != null && !rule.when.holds(document, scope)) {
                continue;
            }
            if (rule.each == null) {
                apply.accept(rule, document);
                continue;
            }
            for (JsonValue each : rule.each.select(document, scope)) {
                if (rule.whenEach == null || rule.whenEach.holds(each, scope)) {
                    apply.accept(rule, each);
                }
            }
        }
    }

    static CompiledResponse of(ResponseFacts facts) {
        return new CompiledResponse(
                regex(facts.whenContentType()),
                facts.framing(),
                Set.copyOf(facts.stopAt()),
                CompiledRequest.path(facts.item()),
                CompiledRequest.path(facts.dedupe()),
                facts.strip(),
                patch(facts.patch()),
                rules(facts.rules()));
    }

    private static @Nullable Patch patch(@Nullable PatchFacts facts) {
        if (facts == null) {
            return null;
        }
        return new Patch(
                facts,
                Set.copyOf(facts.events()),
                CompiledRequest.path(facts.items()),
                Condition.ofNullable(facts.init()),
                CompiledRequest.path(facts.initFrom()),
                rules(facts.collect()));
    }

    private static List<Rule> rules(List<AnswerRule> rules) {
        return rules.stream().map(CompiledResponse::rule).toList();
    }

    private static Rule rule(AnswerRule rule) {
        AnswerRule.ToolRule tool = rule.tool();
        AnswerRule.EchoRule echo = rule.echo();
        return new Rule(
                regex(rule.on()),
                Condition.ofNullable(rule.when()),
                CompiledRequest.path(rule.each()),
                Condition.ofNullable(rule.whenEach()),
                CompiledRequest.path(rule.key()),
                Path.all(rule.append()),
                CompiledRequest.path(rule.set()),
                CompiledRequest.path(rule.setIfEmpty()),
                Path.all(rule.reasoning()),
                tool == null
                        ? null
                        : new ToolPaths(
                                CompiledRequest.path(tool.key()),
                                CompiledRequest.path(tool.name()),
                                Path.all(tool.args()),
                                tool.replace(),
                                tool.continuesLast()),
                Path.all(rule.model()),
                Path.all(rule.conversation()),
                Path.all(rule.error()),
                echo == null
                        ? null
                        : new EchoPaths(
                                Path.all(echo.text()),
                                Path.all(echo.args()),
                                Path.all(echo.argsDelta())));
    }

    private static @Nullable Pattern regex(@Nullable String regex) {
        return regex == null ? null : Pattern.compile(regex);
    }
}
