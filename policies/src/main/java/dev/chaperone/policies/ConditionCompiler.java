// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import com.google.common.collect.ImmutableList;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelMacro;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Compiles conditions. Variables are declared by their dotted names, one by one, so that a misspelt
 * field fails at load: a map would let it pass.
 */
final class ConditionCompiler {
    /**
     * The hidden variable that holds the {@link Facts}. No document can name it: {@code @} starts
     * no CEL identifier.
     */
    static final String FACTS = "@facts";

    /**
     * The functions over findings by the number of their arguments. They are macros, since CEL
     * keeps {@code has} for one: {@code has("X")} becomes {@code @has(@facts, "X")}.
     */
    static final Map<String, Integer> FUNCTIONS =
            Map.of("has", 1, "count", 1, "confidence", 1, "budget", 2);

    private static final CelType FACTS_TYPE = OpaqueType.create("facts");

    /** The variables of the language and their types. */
    static final Map<String, CelType> VARIABLES =
            new TreeMap<>(
                    Map.ofEntries(
                            Map.entry("service.id", SimpleType.STRING),
                            Map.entry("service.category", SimpleType.STRING),
                            Map.entry("service.sanction", SimpleType.STRING),
                            Map.entry("account.kind", SimpleType.STRING),
                            Map.entry("endpoint.kind", SimpleType.STRING),
                            Map.entry("intent.group", SimpleType.STRING),
                            Map.entry("intent.score", SimpleType.DOUBLE),
                            Map.entry("origin", SimpleType.STRING),
                            Map.entry("tool.name", SimpleType.STRING),
                            Map.entry("app.name", SimpleType.STRING),
                            Map.entry("model", SimpleType.STRING),
                            Map.entry("user.groups", ListType.create(SimpleType.STRING)),
                            Map.entry("now", SimpleType.TIMESTAMP)));

    static final int MAX_CODE_POINTS = 4096;
    static final int MAX_NODES = 400;
    static final int MAX_NESTING = 32;

    /** Per evaluation, over all comprehensions; user.groups is the only list a device can grow. */
    static final int MAX_ITERATIONS = 2000;

    private static final CelOptions OPTIONS =
            CelOptions.current()
                    .maxExpressionCodePointSize(MAX_CODE_POINTS)
                    .maxParseExpressionNodeCount(MAX_NODES)
                    .maxParseRecursionDepth(MAX_NESTING)
                    .maxParseErrorRecoveryLimit(1)
                    .comprehensionMaxIterations(MAX_ITERATIONS)
                    .enableHeterogeneousNumericComparisons(true)
                    .build();

    private final CelCompiler compiler = compiler();
    private final CelRuntime runtime = runtime();
    private final String source;

    /**
     * @param source names the document in errors
     */
    ConditionCompiler(String source) {
        this.source = source;
    }

    /**
     * Compiles one condition.
     *
     * @throws PolicyFormatException when it does not parse, is not boolean, names what is not
     *     declared or exceeds a bound
     */
    Condition compile(PolicyRule rule) {
        String when = rule.when();
        if (when.codePointCount(0, when.length()) > MAX_CODE_POINTS) {
            throw error(rule, 1, "it is longer than " + MAX_CODE_POINTS + " characters");
        }
        CelAbstractSyntaxTree parsed = tree(rule, compiler.parse(when));
        ConditionNames names = ConditionNames.of(parsed);
        names.problem()
                .ifPresent(problem -> {
                    throw error(rule, problem.line(), problem.reason());
                });
        CelAbstractSyntaxTree checked = tree(rule, compiler.check(parsed));
        try {
            return new Condition(runtime.createProgram(checked), names.types(), names.usesOrigin());
        } catch (CelEvaluationException e) {
            throw error(rule, 1, "it cannot be planned: simplify it");
        }
    }

    private CelAbstractSyntaxTree tree(PolicyRule rule, CelValidationResult result) {
        try {
            if (!result.hasError()) {
                return result.getAst();
            }
        } catch (CelValidationException e) {
            throw error(rule, 1, "it is not valid CEL");
        }
        CelIssue issue = result.getErrors().getFirst();
        String reason =
                issue.getMessage()
                        .replaceAll("facts, |@|\\(candidates:.*", "")
                        .replaceAll("\\s+", " ");
        reason = reason.replace(" (in container '')", "");
        int cut = reason.indexOf(" expecting {");
        throw error(
                rule,
                Math.max(1, issue.getSourceLocation().getLine()),
                cut < 0 ? reason : reason.substring(0, cut));
    }

    private PolicyFormatException error(PolicyRule rule, int line, String reason) {
        return new PolicyFormatException(
                source,
                rule.whenLine() + line - 1,
                "'when' of rule '" + rule.id() + "': " + reason);
    }

    private static CelCompiler compiler() {
        CelCompilerBuilder builder =
                CelCompilerFactory.standardCelCompilerBuilder()
                        .setOptions(OPTIONS)
                        .setStandardMacros(
                                CelStandardMacro.ALL,
                                CelStandardMacro.EXISTS,
                                CelStandardMacro.EXISTS_ONE)
                        .addFunctionDeclarations(
                                function("@has", SimpleType.BOOL),
                                function("@count", SimpleType.INT),
                                function("@confidence", SimpleType.DOUBLE),
                                function("@budget", SimpleType.BOOL, SimpleType.INT))
                        .addVar(FACTS, FACTS_TYPE)
                        .setResultType(SimpleType.BOOL);
        VARIABLES.forEach(builder::addVar);
        FUNCTIONS.forEach((name, arguments) -> builder.addMacros(macro(name, arguments)));
        return builder.build();
    }

    private static CelMacro macro(String name, int arguments) {
        return CelMacro.newGlobalMacro(
                name,
                arguments,
                (factory, _, args) ->
                        Optional.of(
                                factory.newGlobalCall(
                                        "@" + name,
                                        ImmutableList.<CelExpr>builder()
                                                .add(factory.newIdentifier(FACTS))
                                                .addAll(args)
                                                .build())));
    }

    private static CelFunctionDecl function(String name, CelType result, CelType... more) {
        return CelFunctionDecl.newFunctionDeclaration(
                name,
                CelOverloadDecl.newGlobalOverload(
                        name,
                        result,
                        ImmutableList.<CelType>builder()
                                .add(FACTS_TYPE, SimpleType.STRING)
                                .add(more)
                                .build()));
    }

    private static CelRuntime runtime() {
        return CelRuntimeFactory.plannerRuntimeBuilder()
                .setOptions(OPTIONS)
                .addFunctionBindings(
                        CelFunctionBinding.from("@has", Facts.class, String.class, Facts::has),
                        CelFunctionBinding.from("@count", Facts.class, String.class, Facts::count),
                        CelFunctionBinding.from(
                                "@confidence", Facts.class, String.class, Facts::confidence),
                        CelFunctionBinding.from(
                                "@budget",
                                ImmutableList.of(Facts.class, String.class, Long.class),
                                args -> ((Facts) args[0]).budget((String) args[1], (Long) args[2])))
                .build();
    }
}
