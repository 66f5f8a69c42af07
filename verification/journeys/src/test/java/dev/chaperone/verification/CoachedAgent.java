// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.agent.ipc.IpcClient;
import dev.chaperone.inspector.ProxySettings.ConnectTo;
import dev.chaperone.model.ipc.AnswerRequest;
import dev.chaperone.model.ipc.AnswerRequest.Via;
import dev.chaperone.model.ipc.Answered;
import dev.chaperone.model.ipc.Choice;
import dev.chaperone.model.ipc.Ipc;
import dev.chaperone.model.ipc.Question;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import tools.jackson.databind.JsonNode;

/** An agent whose policy asks about payment cards, with what its tests say to it. */
final class CoachedAgent implements AutoCloseable {
    static final String HOST = "api.openai.com";
    static final String CHAT = "/v1/chat/completions";

    /** Shorter than what a person is given in these tests. */
    private static final Duration DECISION_TIMEOUT = Duration.ofSeconds(4);

    final AgentUnderTest agent;

    /**
     * @param onTimeout what the rule does without an answer
     * @param within how long a person has
     */
    CoachedAgent(Path folder, String onTimeout, String within) throws Exception {
        agent =
                new AgentUnderTest(
                        folder, Optional.of(policy(folder, onTimeout, within)), DECISION_TIMEOUT);
    }

    /**
     * With a stand-in of the test's own behind it.
     *
     * @param upstreamCa what the agent trusts besides the system's anchors
     */
    CoachedAgent(Path folder, String onTimeout, int upstreamPort, Path upstreamCa)
            throws Exception {
        agent =
                new AgentUnderTest(
                        folder,
                        Optional.of(policy(folder, onTimeout, "60s")),
                        List.of(new ConnectTo(HOST, 443, "127.0.0.1", upstreamPort)),
                        upstreamCa);
    }

    private static Path policy(Path folder, String onTimeout, String within) throws IOException {
        return Files.writeString(
                folder.resolve("coach.yaml"),
                """
                version: 1
                name: coach
                defaults: {action: allow, on-timeout: %1$s, fail: block, oversize: allow, unreadable: allow}
                rules:
                  - id: ask
                    when: has("CREDIT_CARD")
                    then: {action: coach, coaching: card-found, within: %2$s}
                    on-timeout: %1$s
                    tests:
                      - {text: "Refund ${sample.card} please", expect: coach}
                      - {text: "Refund me please", expect: allow}
                """
                        .formatted(onTimeout, within));
    }

    IpcClient ui() throws Exception {
        IpcClient ui = IpcClient.connect(agent.data().resolve("agent.sock"));
        assertThat(ui.call(Ipc.SUBSCRIBE, Map.of("language", "de")).asBoolean()).isTrue();
        return ui;
    }

    static JsonNode next(IpcClient ui, String method) throws Exception {
        while (true) {
            JsonNode message = ui.next().orElseThrow();
            if (message.path("method").asString().equals(method)) {
                return message.path("params");
            }
        }
    }

    static Question asked(IpcClient ui) throws Exception {
        return ui.value(next(ui, Ipc.COACH), Question.class);
    }

    Answered answer(IpcClient ui, String id, Choice choice) throws Exception {
        return ui.value(ui.call(Ipc.ANSWER, new AnswerRequest(id, choice, Via.UI)), Answered.class);
    }

    CompletableFuture<String> send(String content) {
        return CompletableFuture.supplyAsync(() -> post(content));
    }

    String post(String content) {
        return postBody(body(content));
    }

    String postBody(byte[] body) {
        try (SSLSocket socket = agent.open(HOST)) {
            return AgentUnderTest.post(socket, HOST, CHAT, "", body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void write(SSLSocket socket, byte[] body) throws IOException {
        socket.getOutputStream()
                .write(
                        ("POST "
                                        + CHAT
                                        + " HTTP/1.1\r\nHost: "
                                        + HOST
                                        + "\r\nContent-Type: application/json\r\nContent-Length: "
                                        + body.length
                                        + "\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().write(body);
    }

    static byte[] body(String content) {
        return ("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\""
                        + content
                        + "\"}]}")
                .getBytes(StandardCharsets.UTF_8);
    }

    String arrived() throws Exception {
        return new String(agent.nextReceived(), StandardCharsets.UTF_8);
    }

    static String get(CompletableFuture<String> answer) throws Exception {
        return answer.get(15, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws IOException {
        agent.close();
    }
}
