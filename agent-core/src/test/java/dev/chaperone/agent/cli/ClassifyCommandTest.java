// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ClassifyCommandTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static List<JsonNode> classify(String input) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ClassifyCommand command =
                new ClassifyCommand(
                        new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)), out);
        assertThat(new CommandLine(command).execute("--json")).isEqualTo(ExitStatus.DONE);
        return out.toString(StandardCharsets.UTF_8).lines().map(l -> JSON.readTree(l)).toList();
    }

    @Test
    void offsetsCountCodePoints() {
        JsonNode answer =
                classify(
                                "{\"id\":\"a\",\"text\":\"\uD83D\uDE42\uD83D\uDE42 anna@firma.de \uD83D\uDE42 bob@firma.de\"}\n")
                        .getFirst();
        assertThat(answer.path("findings").get(0).path("start").asInt()).isEqualTo(3);
        assertThat(answer.path("findings").get(0).path("end").asInt()).isEqualTo(16);
        assertThat(answer.path("findings").get(1).path("start").asInt()).isEqualTo(19);
        assertThat(answer.path("findings").get(1).path("end").asInt()).isEqualTo(31);
    }

    @Test
    void answerHasEveryKeyOfTheContract() {
        JsonNode answer = classify("{\"id\":\"a\",\"text\":\"hello\"}").getFirst();
        assertThat(answer.propertyNames())
                .containsExactly(
                        "id",
                        "findings",
                        "intent_group",
                        "intent",
                        "intent_score",
                        "intents",
                        "adversarial_score",
                        "threats",
                        "unsafe_score",
                        "unsafe_kinds");
        assertThat(answer.path("intent_group").isString()).isTrue();
    }

    @Test
    void everyLineIsAnsweredInOrderAndABadOneIsNotQuoted() {
        List<JsonNode> answers =
                classify(
                        "{\"id\":\"1\",\"text\":\"a\"}\nSECRET{\n[1]\n{\"id\":\"x\"}\n{\"id\":\"y\",\"text\":\"a\",\"origin\":\"SECRET\"}\n{\"id\":\"2\",\"text\":\"b\"}");
        assertThat(answers).hasSize(6);
        assertThat(answers.getFirst().path("id").asString()).isEqualTo("1");
        assertThat(answers.getLast().path("id").asString()).isEqualTo("2");
        for (JsonNode bad : answers.subList(1, 5)) {
            assertThat(bad.path("id").isNull()).isTrue();
            assertThat(bad.path("error").asString()).isNotBlank().doesNotContain("SECRET");
        }
    }

    @Test
    void lineOverTheLimitIsAnsweredWithAnError() {
        String huge =
                "{\"id\":\"big\",\"text\":\"" + "x".repeat(ClassifyCommand.LONGEST_LINE) + "\"}\n";
        List<JsonNode> answers = classify(huge + "{\"id\":\"2\",\"text\":\"b\"}\n");
        assertThat(answers.getFirst().path("id").isNull()).isTrue();
        assertThat(answers.getLast().path("id").asString()).isEqualTo("2");
    }
}
