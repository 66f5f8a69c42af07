// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Stage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DocumentReaderTest {
    private static final String EVERY_KEY = PolicyDocument.resourceText("every-key.yaml");
    private static final Pattern KEY = Pattern.compile("^( *(?:- )?)([a-z-]+):(.*)$");

    private static PolicyFormatException failure(String yaml) {
        return catchThrowableOfType(
                PolicyFormatException.class, () -> Samples.document(yaml).rules());
    }

    @Test
    void everyKeyIsRead() {
        PolicyDocument document = Samples.document(EVERY_KEY);
        assertThat(document.name()).isEqualTo("every-key");
        assertThat(document.defaults())
                .isEqualTo(
                        new PolicyDefaults(
                                Action.ALLOW,
                                Action.REDACT,
                                Action.REDACT,
                                Action.WARN,
                                Action.BLOCK,
                                false,
                                Duration.ofSeconds(30),
                                Restore.TOOLS));
        assertThat(document.services())
                .isEqualTo(
                        new PolicyDocument.Services(Set.of("one"), Set.of("two"), Set.of("one")));
        PolicyRule rule = document.rules().getFirst();
        assertThat(rule.stages()).containsExactly(Stage.REQUEST);
        assertThat(rule.fail()).isEqualTo(Action.BLOCK);
        assertThat(rule.restore()).isEqualTo(Restore.OFF);
        assertThat(rule.then().types()).containsExactly("CREDENTIAL");
        assertThat(rule.tests()).hasSize(2);
        assertThat(rule.tests().getFirst().context().userGroups()).containsExactly("hr");
    }

    @Test
    void defaultsAreAsTheSchemaSays() {
        JsonNode properties = schema().at("/properties/defaults/properties");
        PolicyDefaults unset = PolicyDefaults.UNSET;
        Map<String, String> expected =
                Map.of(
                        "action", unset.action().id(),
                        "on-timeout", unset.onTimeout().id(),
                        "fail", unset.fail().id(),
                        "oversize", unset.oversize().id(),
                        "unreadable", unset.unreadable().id(),
                        "examples", unset.redactExamples() ? "redact" : "count",
                        "within", unset.within().toSeconds() + "s",
                        "restore", unset.restore().id());
        expected.forEach((key, value) ->
                assertThat(properties.at("/" + key + "/default").asString())
                        .as(key)
                        .isEqualTo(value));
        assertThat(properties.size()).isEqualTo(expected.size());
    }

    @Test
    void schemaAndReaderKnowTheSameKeys() {
        JsonNode schema = schema();
        assertThat(names(schema.at("/properties"))).isEqualTo(DocumentReader.TOP_KEYS);
        assertThat(names(schema.at("/properties/defaults/properties")))
                .isEqualTo(DocumentReader.DEFAULTS_KEYS);
        assertThat(names(schema.at("/properties/services/properties")))
                .isEqualTo(DocumentReader.SERVICES_KEYS);
        assertThat(names(schema.at("/properties/monitor/properties")))
                .isEqualTo(DocumentReader.MONITOR_KEYS);
        assertThat(names(schema.at("/properties/pause/properties")))
                .isEqualTo(DocumentReader.PAUSE_KEYS);
        assertThat(names(schema.at("/$defs/rule/properties"))).isEqualTo(DocumentReader.RULE_KEYS);
        assertThat(names(schema.at("/$defs/then/properties"))).isEqualTo(DocumentReader.THEN_KEYS);
        assertThat(names(schema.at("/$defs/case/properties"))).isEqualTo(CaseReader.CASE_KEYS);
        assertThat(names(schema.at("/$defs/finding/properties")))
                .isEqualTo(CaseReader.FINDING_KEYS);
    }

    @Test
    void theSampleDocumentHoldsEveryKeyOfTheSchema() {
        Set<String> written = new TreeSet<>();
        EVERY_KEY
                .lines()
                .map(KEY::matcher)
                .filter(Matcher::matches)
                .forEach(matcher -> written.add(matcher.group(2)));
        Set<String> known = new TreeSet<>();
        collect(schema(), known);
        assertThat(written).isEqualTo(known);
    }

    /** Line numbers of every-key.yaml that hold a key. */
    static Stream<Integer> keyLines() {
        List<Integer> lines = new ArrayList<>();
        List<String> text = EVERY_KEY.lines().toList();
        for (int i = 0; i < text.size(); i++) {
            if (KEY.matcher(text.get(i)).matches()) {
                lines.add(i + 1);
            }
        }
        return lines.stream();
    }

    @ParameterizedTest
    @MethodSource("keyLines")
    void everyMisspeltKeyIsNamedWithLineAndRemedy(int line) {
        List<String> lines = new ArrayList<>(EVERY_KEY.lines().toList());
        Matcher matcher = KEY.matcher(lines.get(line - 1));
        assertThat(matcher.matches()).isTrue();
        String key = matcher.group(2);
        String misspelt = key + key.charAt(key.length() - 1);
        lines.set(line - 1, matcher.group(1) + misspelt + ":" + matcher.group(3));
        assertThat(failure(String.join("\n", lines)))
                .hasMessage(
                        "p.yaml:%d: unknown key '%s', did you mean '%s'?"
                                .formatted(line, misspelt, key));
    }

    /** Replacements in every-key.yaml, the line and the reason that they give. */
    static Stream<List<String>> mistakes() {
        return Stream.of(
                List.of(
                        "version: 1",
                        "version: 2",
                        "1: 'version' must be a whole number from 1 to 1"),
                List.of("version: 1\n", "", "1: missing key 'version': add 'version: 1'"),
                List.of("version: 1", "version: one", "1: 'version' must be a whole number"),
                List.of("name: every-key\n", "", "1: missing key 'name': add it"),
                List.of("name: every-key", "name: Every Key", "2: 'name' must be lower case"),
                List.of(
                        "  oversize: warn",
                        "  oversize: wrn",
                        "8: unknown value 'wrn' of 'oversize', did you mean 'warn'?"),
                List.of(
                        "  fail: redact",
                        "  fail: coach",
                        "7: unknown value 'coach' of 'fail': expected allow, redact or block"),
                List.of(
                        "  fail: redact",
                        "  fail: redact\n  fail: block",
                        "8: the key 'fail' stands twice: keep one"),
                List.of(
                        "  restore: tools",
                        "  restore: all",
                        "12: unknown value 'all' of 'restore': expected text, tools or off"),
                List.of("  within: 30s", "  within: 30", "11: 'within' must be a text"),
                List.of(
                        "  within: 30s",
                        "  within: 2h",
                        "11: 'within' must be a duration from 1s to 600s, such as 60s"),
                List.of(
                        "    - two",
                        "    - one",
                        "16: 'close' and 'open' name the same service 'one': keep one"),
                List.of("  - id: secrets\n", "  - id: ''\n", "21: 'id' is empty: write its value"),
                List.of(
                        "    stage: request",
                        "    stage: reqest",
                        "23: unknown value 'reqest' of 'stage', did you mean 'request'?"),
                List.of(
                        "    when: has",
                        "    whenn: has",
                        "24: unknown key 'whenn', did you mean 'when'?"),
                List.of(
                        "action: coach",
                        "action: coach\n      action: warn",
                        "27: the key 'action' stands twice"),
                List.of(
                        "        - CREDENTIAL",
                        "        - CREDENTAIL",
                        "29: unknown finding type 'CREDENTAIL', did you mean 'CREDENTIAL'?"),
                List.of(
                        "      action: coach",
                        "      action: block",
                        "29: 'types' selects what redact and coach take out; remove it here"),
                List.of(
                        "${sample.github-token}",
                        "${sample.github-tokn}",
                        "36: unknown sample 'github-tokn', did you mean 'github-token'?"),
                List.of(
                        "        expect: coach",
                        "        expect: couch",
                        "37: unknown value 'couch' of 'expect', did you mean 'coach'?"),
                List.of("        expect: coach\n", "", "36: missing key 'expect': add it"),
                List.of("\"2026-01-07T10:00:00Z\"", "tomorrow", "54: 'now' must be RFC 3339"),
                List.of(
                        "type: URL",
                        "type: CREDENTIAL",
                        "56: 'CREDENTIAL' stands for several types: name one, such as SECRET"),
                List.of(
                        "type: URL",
                        "type: ULR",
                        "56: unknown finding type 'ULR', did you mean 'URL'?"),
                List.of(
                        "count: 2",
                        "count: 0",
                        "57: 'count' must be a whole number from 1 to 1000"),
                List.of(
                        "confidence: 0.5",
                        "confidence: .nan",
                        "59: 'confidence' must be a number from 0 to 1"),
                List.of("example: false", "example: maybe", "60: 'example' must be true or false"),
                List.of("    then:\n", "    then:\n    x:\n", "26: unknown key 'x'"));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void everyMistakeIsOneLineWithPlaceAndRemedy(List<String> mistake) {
        String yaml = EVERY_KEY.replace(mistake.get(0), mistake.get(1));
        assertThat(yaml).isNotEqualTo(EVERY_KEY);
        String message = "p.yaml:" + mistake.get(2);
        assertThat(failure(yaml)).hasMessageContaining(message).hasMessageNotContaining("\n");
    }

    @Test
    void rulesMustNotBeEmptyAndMustHaveTests() {
        assertThat(failure("version: 1\nname: a\nrules: []\n"))
                .hasMessage("p.yaml:3: 'rules' is empty: add an item or remove the key");
        assertThat(failure("version: 1\nname: a\n"))
                .hasMessage("p.yaml:1: missing key 'rules': add it");
        assertThat(
                        failure(
                                """
                                version: 1
                                name: a
                                rules:
                                  - id: b
                                    when: 'true'
                                    then: {action: warn}
                                """))
                .hasMessage(
                        "p.yaml:4: rule 'b' has no 'tests': add one that fires and one near miss");
    }

    @Test
    void ruleIdsAreUnique() {
        String rule = Samples.rule("same", "true", "{action: warn}");
        assertThatThrownBy(() -> Samples.engine(rule + rule))
                .hasMessage("p.yaml:8: the rule id 'same' is taken by line 4: choose another");
    }

    @Test
    void noMessageRepeatsATestsText() {
        String canary = "canary text of a prompt";
        for (String line : List.of("expect: " + canary, "origin: " + canary, canary + ": 1")) {
            PolicyFormatException failure =
                    failure(EVERY_KEY.replace("        rule: secrets", "        " + line));
            assertThat(failure.getMessage()).doesNotContain("canary");
        }
    }

    private static void collect(JsonNode node, Set<String> known) {
        if (node.path("properties").isObject()) {
            known.addAll(names(node.get("properties")));
        }
        node.forEach(child -> collect(child, known));
    }

    private static Set<String> names(JsonNode properties) {
        return new TreeSet<>(properties.propertyNames());
    }

    private static JsonNode schema() {
        return JsonMapper.shared()
                .readTree(
                        PolicyDocument.resourceText("schema/policy.schema.json")
                                .getBytes(StandardCharsets.UTF_8));
    }
}
