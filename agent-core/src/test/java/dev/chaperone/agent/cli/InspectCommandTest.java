// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class InspectCommandTest {
    private static final String FIXTURE =
            """
            {"id": "t/1", "request": {"method": "POST", "url": "https://ai.example/chat",
              "http_version": "h2", "headers": [], "body": {"utf8": "{\\"q\\":\\"grüße\\"}"}},
             "expect": {"prompt": "not what was asked"}}
            """;
    private static final String SERVICE =
            """
            {"id": "made-up", "name": "Made up", "hosts": ["ai.example"], "endpoints": [
             {"id": "chat", "method": "POST", "path": "/chat", "kind": "prompt",
              "request": {"decode": ["json"], "prompt": ["q"]}}]}
            """;

    @TempDir private Path folder = Path.of("");

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final StringWriter err = new StringWriter();
    private Path fixture = Path.of("");
    private Path service = Path.of("");

    @BeforeEach
    void write() throws IOException {
        fixture = Files.writeString(folder.resolve("fixture.json"), FIXTURE);
        service = Files.writeString(folder.resolve("service.json"), SERVICE);
    }

    private int run(InspectCommand.Judge judge, Object... args) {
        String[] texts = new String[args.length];
        for (int i = 0; i < args.length; i++) {
            texts[i] = args[i].toString();
        }
        PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        return new CommandLine(new InspectCommand(judge, stream))
                .setErr(new PrintWriter(err, true))
                .execute(texts);
    }

    private String stdout() {
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aLineHoldsWhatWasSeenAndWhatTheJudgeSays() {
        InspectCommand.Judge judge =
                seen ->
                        new InspectCommand.Judgement(
                                Map.of("findings", seen.prompt().segments().size()),
                                Map.of("action", "allow"));
        assertThat(run(judge, "--json", "--service", service, fixture)).isZero();
        assertThat(stdout().lines()).hasSize(1);
        JsonNode line = JsonMapper.builder().build().readTree(stdout());
        assertThat(line.get("id").asString()).isEqualTo("t/1");
        assertThat(line.get("service").asString()).isEqualTo("made-up");
        assertThat(line.get("prompt").asString()).isEqualTo("grüße");
        assertThat(line.get("decision").get("action").asString()).isEqualTo("allow");
        assertThat(line.get("assessment").get("findings").asInt()).isEqualTo(1);
    }

    @Test
    void anExchangeOfNoServiceIsNamedSo() {
        assertThat(run(_ -> InspectCommand.Judgement.NONE, "--json", fixture)).isZero();
        assertThat(JsonMapper.builder().build().readTree(stdout()).get("service").isNull())
                .isTrue();
    }

    @Test
    void aFileThatIsNoTrafficIsOneLineAndStatusTwo() throws IOException {
        Path other = Files.writeString(folder.resolve("other.json"), "[]");
        assertThat(run(_ -> InspectCommand.Judgement.NONE, "--json", other)).isEqualTo(2);
        assertThat(err.toString().lines()).hasSize(1).allMatch(l -> l.contains("other.json: "));
    }

    @Test
    void aMisspeltServiceFileIsOneLineAndStatusTwo() throws IOException {
        Files.writeString(service, SERVICE.replace("\"kind\"", "\"kinde\""));
        assertThat(run(_ -> InspectCommand.Judgement.NONE, "--service", service, fixture))
                .isEqualTo(2);
        assertThat(err.toString())
                .isEqualToIgnoringNewLines(
                        "chaperone inspect: "
                                + service
                                + ":2: unknown key 'kinde', did you mean 'kind'?");
    }

    @Test
    void aPathThatDoesNotCompileIsNamed() throws IOException {
        Files.writeString(service, SERVICE.replace("[\"q\"]", "[\"q[\"]"));
        assertThat(run(_ -> InspectCommand.Judgement.NONE, "--service", service, fixture))
                .isEqualTo(2);
        assertThat(err.toString()).contains("made-up/chat: 'q['");
    }
}
