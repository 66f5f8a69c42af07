// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConditionCompilerTest {
    private static final String WHERE = "p.yaml:5: 'when' of rule 'a': ";

    private static PolicyEngine engine(String when) {
        return Samples.engine(Samples.rule("a", when.replace("'", "''"), "{action: warn}"));
    }

    static Stream<List<String>> mistakes() {
        return Stream.of(
                List.of(
                        "service.idd == \"x\"",
                        "unknown name 'service.idd', did you mean 'service.id'?"),
                List.of("service == \"x\"", "unknown name 'service'"),
                List.of("orign == \"user\"", "unknown name 'orign', did you mean 'origin'?"),
                List.of(
                        "has(\"CREDENTAIL\")",
                        "unknown finding type 'CREDENTAIL', did you mean 'CREDENTIAL'?"),
                List.of("count(\"SECRET.github-patt\") > 1", "did you mean 'SECRET.github-pat'?"),
                List.of(
                        "has(service.id)",
                        "'has' needs a finding type in quotes, such as has(\"CREDENTIAL\")"),
                List.of(
                        "budget(model, 3)",
                        "'budget' needs a finding type in quotes, such as budget(\"CREDENTIAL\", 9)"),
                List.of(
                        "origin == \"histroy\"",
                        "'origin' is never 'histroy', did you mean 'history'?"),
                List.of(
                        "endpoint.kind in [\"draft\", \"complet\"]",
                        "'endpoint.kind' is never 'complet'"),
                List.of("\"sanctionned\" == service.sanction", "did you mean 'sanctioned'?"),
                List.of("intent.group != \"coding\"", "'intent.group' is never 'coding'"),
                List.of("count(\"SECRET\")", "expected type 'bool' but found 'int'"),
                List.of("has(\"SECRET\") && model", "no matching overload"),
                List.of("count(\"SECRET\") > \"3\"", "no matching overload"),
                List.of("budget(\"SECRET\", \"3\")", "no matching overload"),
                List.of("has(\"SECRET\"", "missing ')' at '<EOF>'"),
                List.of("has()", "undeclared reference to 'has'"),
                List.of(
                        "user.groups.map(g, g) == []",
                        "'map' is not offered: use 'exists' or 'all'"),
                List.of("@facts == @facts", "token recognition error"),
                List.of(
                        "user.groups.exists(g, g == orgin)",
                        "unknown name 'orgin', did you mean 'origin'?"));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void whatCannotBeMeantFailsAtLoadInOneLine(List<String> mistake) {
        PolicyFormatException failure =
                catchThrowableOfType(
                        PolicyFormatException.class, () -> engine(mistake.get(0)).version());
        assertThat(failure)
                .hasMessageStartingWith(WHERE)
                .hasMessageContaining(mistake.get(1))
                .hasMessageNotContaining("\n")
                .hasMessageNotContaining("@has")
                .hasMessageNotContaining("facts");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "has(\"SECRET\") && service.category != \"local\"",
                "count(\"PERSONAL\") >= 3 || confidence(\"NATIONAL_ID.US\") > 0.5",
                "budget(\"EMAIL\", 9)",
                "user.groups.exists(g, g.startsWith(\"hr\")) && !user.groups.all(x, x == \"a\")",
                "now < timestamp(\"2030-01-01T00:00:00Z\") && now.getHours(\"Europe/Berlin\") >= 8",
                "\"hr\" in user.groups",
                "model.matches(\"^gpt-.*\") || intent.score > 0.5",
                "origin in [\"user\", \"pasted\"] && app.name == tool.name",
                "service.id == \"a\" ? account.kind == \"b\" : endpoint.kind == \"draft\""
            })
    void theLanguageIsAccepted(String when) {
        assertThat(engine(when).document().rules()).hasSize(1);
    }

    @Test
    void theLineOfAFailureIsCountedInsideTheBlock() {
        String rule =
                """
                - id: a
                  then: {action: warn}
                  when: |
                    has("SECRET")
                    && service.idd == "x"
                  tests: [{findings: [URL], expect: allow}]
                """;
        assertThat(
                        catchThrowableOfType(
                                PolicyFormatException.class, () -> Samples.engine(rule).version()))
                .hasMessageStartingWith("p.yaml:8: ");
    }

    @Test
    void boundsHold() {
        String many = "has(\"SECRET\")" + " || has(\"SECRET\")".repeat(200);
        String deep = "!(".repeat(50) + "true" + ")".repeat(50);
        String nested = "user.groups.all(a, user.groups.all(b, user.groups.all(c, true)))";
        for (String when : List.of(many, deep, "model == \"" + "x".repeat(5000) + "\"")) {
            assertThat(
                            catchThrowableOfType(
                                    PolicyFormatException.class, () -> engine(when).version()))
                    .hasMessageStartingWith(WHERE);
        }
        List<String> groups = java.util.Collections.nCopies(100, "g");
        PolicyContext context = PolicyContext.builder().userGroups(groups).build();
        assertThat(
                        catchThrowableOfType(
                                IllegalStateException.class,
                                () ->
                                        engine(nested)
                                                .evaluate(Samples.found("URL"), context)
                                                .action()))
                .hasMessage("a policy condition could not be judged");
    }

    @Test
    void aRuleThatCanTakeNothingOutIsRefused() {
        assertThat(
                        catchThrowableOfType(
                                PolicyFormatException.class,
                                () ->
                                        Samples.engine(
                                                        Samples.rule(
                                                                "a", "true", "{action: redact}"))
                                                .version()))
                .hasMessage("p.yaml:4: rule 'a' redacts nothing: name types in 'then.types'");
        assertThat(
                        catchThrowableOfType(
                                PolicyFormatException.class,
                                () ->
                                        Samples.engine(Samples.rule("a", "true", "{action: coach}"))
                                                .version()))
                .hasMessageContaining("has nothing to redact on timeout");
    }
}
