// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The names in a condition: finding types, variables and the words that closed variables are
 * compared with. What CEL's type checker would let pass is a problem here.
 */
final class ConditionNames {
    /** Variables with a fixed set of values. */
    static final Map<String, List<String>> CLOSED =
            Map.of(
                    "origin", CaseReader.ORIGINS,
                    "endpoint.kind", CaseReader.ENDPOINTS,
                    "intent.group", CaseReader.INTENTS,
                    "service.sanction", CaseReader.SANCTIONS);

    private final CelAbstractSyntaxTree tree;
    private final Set<String> types = new TreeSet<>();
    private boolean usesOrigin;
    private @Nullable Problem problem;

    private ConditionNames(CelAbstractSyntaxTree tree) {
        this.tree = tree;
    }

    /**
     * A name that is not known.
     *
     * @param line of the condition, from 1
     */
    record Problem(int line, String reason) {}

    static ConditionNames of(CelAbstractSyntaxTree tree) {
        ConditionNames names = new ConditionNames(tree);
        names.visit(tree.getExpr(), Set.of());
        return names;
    }

    List<String> types() {
        return List.copyOf(types);
    }

    boolean usesOrigin() {
        return usesOrigin;
    }

    /** The first problem in reading order. */
    Optional<Problem> problem() {
        return Optional.ofNullable(problem);
    }

    /**
     * @param bound the variables of the comprehensions around
     */
    private void visit(CelExpr expr, Set<String> bound) {
        switch (expr.getKind()) {
            case IDENT, SELECT -> name(expr, bound);
            case CALL -> call(expr, bound);
            case LIST -> expr.list().elements().forEach(element -> visit(element, bound));
            case MAP ->
                    expr.map()
                            .entries()
                            .forEach(entry -> {
                                visit(entry.key(), bound);
                                visit(entry.value(), bound);
                            });
            case STRUCT -> report(expr, "messages cannot be built here");
            case COMPREHENSION -> comprehension(expr.comprehension(), bound);
            case CONSTANT, NOT_SET -> {}
        }
    }

    private void comprehension(CelExpr.CelComprehension comprehension, Set<String> bound) {
        visit(comprehension.iterRange(), bound);
        Set<String> inner = new TreeSet<>(bound);
        inner.add(comprehension.iterVar());
        inner.add(comprehension.accuVar());
        visit(comprehension.accuInit(), bound);
        visit(comprehension.loopCondition(), inner);
        visit(comprehension.loopStep(), inner);
        visit(comprehension.result(), inner);
    }

    private void name(CelExpr expr, Set<String> bound) {
        String path = path(expr);
        if (path == null) {
            visit(expr.select().operand(), bound);
            return;
        }
        int dot = path.indexOf('.');
        if (path.equals(ConditionCompiler.FACTS)
                || bound.contains(dot < 0 ? path : path.substring(0, dot))) {
            return;
        }
        usesOrigin |= path.equals("origin");
        Set<String> known = ConditionCompiler.VARIABLES.keySet();
        if (!known.contains(path)) {
            report(
                    expr,
                    "unknown name" + Suggestions.quoted(path) + Suggestions.remedy(path, known));
        }
    }

    /** {@code a.b} for the selection b of a; null when it does not start at a plain name. */
    private static @Nullable String path(CelExpr expr) {
        return switch (expr.getKind()) {
            case IDENT -> expr.ident().name();
            case SELECT -> {
                String operand = path(expr.select().operand());
                yield operand == null ? null : operand + "." + expr.select().field();
            }
            default -> null;
        };
    }

    private void call(CelExpr expr, Set<String> bound) {
        CelExpr.CelCall call = expr.call();
        call.target().ifPresent(target -> visit(target, bound));
        if (call.function().equals("map") || call.function().equals("filter")) {
            report(expr, "'" + call.function() + "' is not offered: use 'exists' or 'all'");
        }
        if (call.function().startsWith("@")
                && ConditionCompiler.FUNCTIONS.containsKey(call.function().substring(1))) {
            type(expr, call);
        }
        if (call.args().size() == 2) {
            comparison(call);
        }
        call.args().forEach(argument -> visit(argument, bound));
    }

    private void type(CelExpr expr, CelExpr.CelCall call) {
        String function = call.function().substring(1);
        Optional<String> type = text(call.args().get(1));
        if (type.isEmpty()) {
            report(
                    expr,
                    "'%s' needs a finding type in quotes, such as %s(\"CREDENTIAL\"%s)"
                            .formatted(function, function, function.equals("budget") ? ", 9" : ""));
        } else if (!FindingTypes.isKnown(type.get())) {
            report(expr, DocumentReader.unknownType(type.get()));
        } else {
            types.add(type.get());
        }
    }

    /** {@code origin == "histroy"} can never be true: say so. */
    private void comparison(CelExpr.CelCall call) {
        if (!Set.of("_==_", "_!=_", "@in").contains(call.function())) {
            return;
        }
        CelExpr left = call.args().get(0);
        CelExpr right = call.args().get(1);
        closed(left).ifPresent(name -> values(right).forEach(value -> word(name, value)));
        closed(right).ifPresent(name -> values(left).forEach(value -> word(name, value)));
    }

    private static Optional<String> closed(CelExpr expr) {
        return Optional.ofNullable(path(expr)).filter(CLOSED::containsKey);
    }

    private static Collection<CelExpr> values(CelExpr expr) {
        return expr.getKind() == CelExpr.ExprKind.Kind.LIST
                ? expr.list().elements()
                : List.of(expr);
    }

    private void word(String name, CelExpr value) {
        List<String> known = CLOSED.getOrDefault(name, List.of());
        text(value)
                .filter(word -> !known.contains(word))
                .ifPresent(word ->
                        report(
                                value,
                                "'"
                                        + name
                                        + "' is never"
                                        + Suggestions.quoted(word)
                                        + Suggestions.remedy(word, known)));
    }

    private static Optional<String> text(CelExpr expr) {
        return expr.getKind() == CelExpr.ExprKind.Kind.CONSTANT
                        && expr.constant().getKind() == CelConstant.Kind.STRING_VALUE
                ? Optional.of(expr.constant().stringValue())
                : Optional.empty();
    }

    private void report(CelExpr expr, String reason) {
        if (problem == null) {
            Integer offset = tree.getSource().getPositionsMap().get(expr.id());
            String text = tree.getSource().getContent().toString();
            int line = 1;
            for (int i = 0; offset != null && i < Math.min(offset, text.length()); i++) {
                line += text.charAt(i) == '\n' ? 1 : 0;
            }
            problem = new Problem(line, reason);
        }
    }
}
