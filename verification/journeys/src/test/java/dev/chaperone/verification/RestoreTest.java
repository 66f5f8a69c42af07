// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.inspector.ProxySettings.ConnectTo;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Real values come back: a client, the real agent, and a service that repeats what it was told, one
 * character an event.
 */
class RestoreTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String OPENAI = "api.openai.com";
    private static final String CHATGPT = "chatgpt.com";

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private final Random random = new Random(5);
    private final String key =
            "ghp_" + SampleSecrets.text(random, "abcdefghijkLMNOP0123456789", 36);
    private final String card = SampleSecrets.card(random);

    @SuppressWarnings("NullAway.Init") // started by each test
    private ScriptedUpstream upstream;

    @SuppressWarnings("NullAway.Init") // started by each test
    private AgentUnderTest agent;

    private void start(String restore, String host) throws Exception {
        upstream = new ScriptedUpstream(folder, host, RestoreTest::answer);
        startAgent(restore);
    }

    private void startAgent(String restore) throws Exception {
        Path policy =
                Files.writeString(
                        folder.resolve("p.yaml"),
                        """
                        version: 1
                        name: restoring
                        defaults: {restore: %s}
                        rules:
                          - id: out
                            when: has("CREDENTIAL") || has("CREDIT_CARD")
                            then: {action: redact}
                            tests:
                              - {text: "Refund ${sample.card} please", expect: redact}
                              - {text: "Refund me please", expect: allow}
                        """
                                .formatted(restore));
        agent =
                new AgentUnderTest(
                        folder,
                        Optional.of(policy),
                        List.of(new ConnectTo("", 443, "127.0.0.1", upstream.port())),
                        upstream.ca());
    }

    @AfterEach
    void stop() throws Exception {
        agent.close();
        upstream.close();
    }

    // ---- the service

    private static List<String> answer(String request) {
        JsonNode body = JSON.readTree(request);
        JsonNode messages = body.path("messages");
        JsonNode last = messages.get(messages.size() - 1);
        if (body.has("action")) {
            return chatGpt(last.at("/content/parts/0").asString());
        }
        return body.has("tools")
                ? toolCall(last)
                : chat("You said: " + last.path("content").asString());
    }

    private static List<String> chat(String text) {
        List<String> events = new ArrayList<>();
        for (String c : text.split("")) {
            events.add(delta("\"content\":" + JSON.writeValueAsString(c)));
        }
        events.add(
                "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n");
        events.add("data: [DONE]\n\n");
        return events;
    }

    /** Writes what the person asked for to a file, by a tool. */
    private static List<String> toolCall(JsonNode last) {
        String content = "TOKEN=" + last.path("content").asString() + "\n";
        String args =
                JSON.writeValueAsString(
                        JSON.createObjectNode().put("path", ".env").put("content", content));
        List<String> events = new ArrayList<>();
        events.add(
                delta(
                        "\"tool_calls\":[{\"index\":0,\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"write\",\"arguments\":\"\"}}]"));
        for (String c : args.split("")) {
            events.add(
                    delta(
                            "\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":"
                                    + JSON.writeValueAsString(c)
                                    + "}}]"));
        }
        events.add(
                "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\n");
        events.add("data: [DONE]\n\n");
        return events;
    }

    private static String delta(String members) {
        return "data: {\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{"
                + members
                + "}}]}\n\n";
    }

    /** Answers what it was told; to a question without a placeholder, with the one it remembers. */
    private static List<String> chatGpt(String said) {
        String text = said.contains("[SECRET-1]") ? said : "It was [Secret-1].";
        List<String> events = new ArrayList<>();
        events.add(
                "event: delta\ndata: {\"p\":\"\",\"o\":\"add\",\"v\":{\"message\":{\"id\":\"m1\",\"author\":{\"role\":\"assistant\"},\"content\":{\"content_type\":\"text\",\"parts\":[\"\"]},\"recipient\":\"all\"},\"conversation_id\":\"6710a1b2-0000-8000-a000-00000000c0de\"},\"c\":0}\n\n");
        String first = "\"p\":\"/message/content/parts/0\",\"o\":\"append\",";
        for (String c : text.split("")) {
            events.add(
                    "event: delta\ndata: {"
                            + first
                            + "\"v\":"
                            + JSON.writeValueAsString(c)
                            + "}\n\n");
            first = "";
        }
        events.add("data: [DONE]\n\n");
        return events;
    }

    // ---- the client

    private String post(String host, String path, String body) throws Exception {
        try (SSLSocket socket = agent.open(host)) {
            String answer =
                    AgentUnderTest.post(
                            socket, host, path, "", body.getBytes(StandardCharsets.UTF_8));
            assertThat(answer).startsWith("HTTP/1.1 200");
            return answer.substring(answer.indexOf("\r\n\r\n") + 4);
        }
    }

    /** What a client puts together from the events, by another reader than the product's. */
    private static String joined(String stream, String... pointers) {
        StringBuilder text = new StringBuilder();
        for (String event : stream.split("\n\n")) {
            int at = event.indexOf("data: {");
            if (at >= 0) {
                JsonNode data = JSON.readTree(event.substring(at + 6));
                for (String pointer : pointers) {
                    JsonNode found = data.at(pointer);
                    text.append(found.isString() ? found.asString() : "");
                }
            }
        }
        return text.toString();
    }

    private static String conversation(List<String> turns, String more) {
        var messages = JSON.createArrayNode();
        for (int i = 0; i < turns.size(); i++) {
            messages.addObject()
                    .put("role", i % 2 == 0 ? "user" : "assistant")
                    .put("content", turns.get(i));
        }
        return "{\"model\":\"m\",\"stream\":true," + more + "\"messages\":" + messages + "}";
    }

    private String ask(List<String> turns) throws Exception {
        return joined(
                post(OPENAI, "/v1/chat/completions", conversation(turns, "")),
                "/choices/0/delta/content");
    }

    // ---- the journeys

    @Test
    void overTwelveTurnsTheAnswersAreRestoredAndTheHistoryLeavesAsBefore() throws Exception {
        start("text", OPENAI);
        List<String> turns = new ArrayList<>();
        List<String> before = List.of();
        for (int turn = 1; turn <= 12; turn++) {
            turns.add(
                    switch (turn) {
                        case 1 -> "My key is " + key + " in turn 1";
                        case 4 -> "and my card " + card + ", not [CREDIT_CARD-2], in turn 4";
                        case 9 -> "key " + key + " and card " + card + " in turn 9";
                        default -> "Harmless turn " + turn;
                    });
            assertThat(ask(turns)).isEqualTo("You said: " + turns.getLast());
            turns.add("You said: " + turns.getLast());
            String arrived = arrived();
            assertThat(arrived).doesNotContain(key, card);
            List<String> sent = new ArrayList<>();
            JSON.readTree(arrived).path("messages").forEach(m -> sent.add(m.toString()));
            assertThat(sent.subList(0, before.size())).isEqualTo(before);
            before = sent;
        }
        assertThat(before.getFirst()).contains("[SECRET-1]");
        assertThat(agent.events()).allSatisfy(e -> assertThat(e.toString()).doesNotContain(key));
        assertNothingInClear();
    }

    private String arrived() throws InterruptedException {
        return Objects.requireNonNull(upstream.received.poll(5, TimeUnit.SECONDS));
    }

    private void assertNothingInClear() throws Exception {
        try (Stream<Path> files = Files.walk(agent.data())) {
            assertThat(files.filter(Files::isRegularFile))
                    .allSatisfy(f ->
                            assertThat(Files.readString(f, StandardCharsets.ISO_8859_1))
                                    .doesNotContain(key, card));
        }
    }

    @Test
    void sixStreamsAtOnceGetTheirOwnValues() throws Exception {
        start("text", OPENAI);
        List<Callable<Boolean>> asks = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            String own = "ghp_" + SampleSecrets.text(random, "abcdefghijkLMNOP0123456789", 36);
            String said = "key " + own + " and [PERSON-1] of stream " + i;
            asks.add(() -> ask(List.of(said)).equals("You said: " + said));
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Boolean> done : threads.invokeAll(asks, 20, TimeUnit.SECONDS)) {
                assertThat(done.get()).isTrue();
            }
        }
    }

    @Test
    void anAgentWritesTheRedactedCredentialWhereThePolicyLetsIt() throws Exception {
        start("tools", OPENAI);
        assertThat(written()).isEqualTo("TOKEN=" + key + "\n");
    }

    @Test
    void otherwiseItWritesThePlaceholder() throws Exception {
        start("text", OPENAI);
        assertThat(written()).isEqualTo("TOKEN=[SECRET-1]\n");
    }

    /** What a coding agent's tool writes to the file that the model names. */
    private String written() throws Exception {
        String tools = "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"write\"}}],";
        String stream = post(OPENAI, "/v1/chat/completions", conversation(List.of(key), tools));
        JsonNode args =
                JSON.readTree(joined(stream, "/choices/0/delta/tool_calls/0/function/arguments"));
        assertThat(arrived()).doesNotContain(key);
        Path file = folder.resolve(args.path("path").asString());
        Files.writeString(file, args.path("content").asString());
        return Files.readString(file);
    }

    @Test
    void aConversationThatTheServiceKeepsIsRestoredAfterARestart() throws Exception {
        start("text", CHATGPT);
        String said = "use " + key + " there";
        String first = chatGptTurn(said, "");
        assertThat(first).isEqualTo(said);
        assertThat(arrived()).doesNotContain(key);
        awaitMapping();
        agent.close();
        startAgent("text");
        String named = ",\"conversation_id\":\"6710a1b2-0000-8000-a000-00000000c0de\"";
        assertThat(chatGptTurn("which one was it?", named)).isEqualTo("It was " + key + ".");
        assertNothingInClear();
    }

    /** The answer's end is noted after the client has it. */
    private void awaitMapping() throws Exception {
        Path kept = agent.data().resolve("restore");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (System.nanoTime() < deadline && isEmpty(kept)) {
            Thread.onSpinWait();
        }
        assertThat(isEmpty(kept)).isFalse();
    }

    private static boolean isEmpty(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.noneMatch(f -> !f.toString().endsWith(".new"));
        } catch (java.io.IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String chatGptTurn(String said, String conversation) throws Exception {
        String body =
                "{\"action\":\"next\",\"messages\":[{\"id\":\"a1\",\"author\":{\"role\":\"user\"},\"content\":{\"content_type\":\"text\",\"parts\":["
                        + JSON.writeValueAsString(said)
                        + "]}}],\"parent_message_id\":\"p\",\"model\":\"gpt-5-1\""
                        + conversation
                        + "}";
        return joined(post(CHATGPT, "/backend-api/f/conversation", body), "/v");
    }
}
