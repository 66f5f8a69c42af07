// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Outcome;
import dev.chaperone.model.event.Event;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every way in which a proxy lets content pass unread without saying so: here it is either handled,
 * or it stands in the event and in {@code doctor} as not inspected.
 */
class NoSilentPassTest {
    private static final String HOST = "api.openai.com";
    private static final String CHAT = "/v1/chat/completions";

    private final String secret =
            "ghp_"
                    + SampleSecrets.text(
                            new Random(7), "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijk0123456789", 36);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @SuppressWarnings("NullAway.Init") // set before each test
    private AgentUnderTest agent;

    @BeforeEach
    void start() throws Exception {
        agent = new AgentUnderTest(folder, Optional.empty());
    }

    @AfterEach
    void stop() throws Exception {
        agent.close();
    }

    // ---- handled: the secret does not leave

    @Test
    void unicodeEscapesAreRead() throws Exception {
        StringBuilder escaped = new StringBuilder();
        secret.chars().forEach(c -> escaped.append(String.format(Locale.ROOT, "\\u%04X", c)));
        assertRedacted("", utf8(chat("\"key " + escaped + "\"")), "[SECRET-1]");
    }

    @Test
    void base64InTheTextIsRead() throws Exception {
        String encoded =
                Base64.getEncoder()
                        .encodeToString(utf8("{\"user\":\"ci\",\"token\":\"" + secret + "\"}"));
        String arrived = assertRedacted("", utf8(chat("\"decode " + encoded + "\"")), "[SECRET-1]");
        assertThat(arrived).doesNotContain(encoded.substring(24, 60));
    }

    @Test
    void compressedBodyIsRead() throws Exception {
        ByteArrayOutputStream gzip = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(gzip)) {
            out.write(utf8(chat("\"key " + secret + "\"")));
        }
        post(CHAT, "Content-Encoding: gzip\r\n", gzip.toByteArray());
        byte[] arrived = agent.nextReceived();
        int body = new String(arrived, StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n") + 4;
        String sent =
                new String(
                        new java.util.zip.GZIPInputStream(
                                        new java.io.ByteArrayInputStream(
                                                arrived, body, arrived.length - body))
                                .readAllBytes(),
                        StandardCharsets.UTF_8);
        assertThat(sent).isEqualTo(chat("\"key [SECRET-1]\""));
    }

    @Test
    void multipartFileIsRead() throws Exception {
        String body =
                "--b1\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nassistants\r\n"
                        + "--b1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"deploy.sh\"\r\n"
                        + "Content-Type: text/plain\r\n\r\nexport TOKEN="
                        + secret
                        + "\n\r\n--b1--\r\n";
        try (SSLSocket socket = agent.open(HOST)) {
            AgentUnderTest.post(
                    socket,
                    HOST,
                    "/v1/files",
                    "Content-Type: multipart/form-data; boundary=b1\r\n",
                    utf8(body));
        }
        assertThat(text(agent.nextReceived()))
                .contains("export TOKEN=[SECRET-1]\n\r\n--b1--")
                .doesNotContain(secret.substring(4, 16));
    }

    @Test
    void toolCallArgumentIsRead() throws Exception {
        String body =
                "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"deploy\"},{\"role\":\"assistant\",\"content\":null,"
                        + "\"tool_calls\":[{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"sh\",\"arguments\":"
                        + "\"{\\\"cmd\\\":\\\"login --token "
                        + secret
                        + "\\\"}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"c1\",\"content\":\"ok\"}]}";
        String arrived = assertRedacted("", utf8(body), "[SECRET-1]");
        assertThat(arrived).contains("{\\\"cmd\\\":\\\"login --token [SECRET-1]\\\"}");
    }

    @Test
    void telemetryThatQuotesAPromptIsRead() throws Exception {
        String event = "{\"events\":[{\"event_data\":{\"error\":\"cannot use %s here\"}}]}";
        String path = "/api/event_logging/v2/batch";
        try (SSLSocket socket = agent.open("api.anthropic.com")) {
            AgentUnderTest.post(socket, "api.anthropic.com", path, "", utf8(event.formatted("it")));
            assertThat(text(agent.nextReceived())).endsWith(event.formatted("it"));
            AgentUnderTest.post(
                    socket, "api.anthropic.com", path, "", utf8(event.formatted(secret)));
            assertThat(text(agent.nextReceived())).endsWith(event.formatted("[SECRET-1]"));
        }
        Event redacted = agent.awaitEvent(e -> e.endpoint().equals("telemetry"));
        assertThat(redacted.outcome()).isEqualTo(Outcome.SENT_REDACTED);
        assertThat(redacted.repeats()).isZero(); // what was clean made no event
        assertThat(agent.doctor()).contains("nothing in the last day");
    }

    @Test
    void promptWhoseTokensAreCountedIsReadTwiceAndAnEventOfItsOwn() throws Exception {
        String body =
                "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"key "
                        + secret
                        + "\"}]}";
        for (String path : List.of("/v1/messages/count_tokens", "/v1/messages")) {
            try (SSLSocket socket = agent.open("api.anthropic.com")) {
                AgentUnderTest.post(socket, "api.anthropic.com", path, "", utf8(body));
            }
            assertThat(text(agent.nextReceived())).contains("key [SECRET-1]");
        }
        assertThat(agent.awaitEvent(e -> e.endpoint().equals("count")).outcome())
                .isEqualTo(Outcome.SENT_REDACTED);
        assertThat(agent.awaitEvent(e -> e.endpoint().equals("messages")).outcome())
                .isEqualTo(Outcome.SENT_REDACTED);
    }

    // ---- not inspected: it is sent by policy, and everybody is told

    @Test
    void bodyOverTheLimitIsCounted() throws Exception {
        byte[] body = utf8(chat("\"" + "x ".repeat(5 << 20) + secret + "\""));
        assertThat(post(CHAT, "", body)).startsWith("HTTP/1.1 200");
        assertNotInspected("oversize", "CHP-TLS-020");
    }

    @Test
    void unreadEncodingIsCounted() throws Exception {
        post(CHAT, "Content-Encoding: x-house\r\n", utf8(chat("\"" + secret + "\"")));
        assertNotInspected("unreadable", "CHP-TLS-010");
    }

    @Test
    void unknownEndpointIsCounted() throws Exception {
        post("/v9/brand-new", "", utf8(chat("\"" + secret + "\"")));
        assertNotInspected("unknown_endpoint", "CHP-CAT-404");
    }

    @Test
    void webSocketTextOfUnknownShapeIsCounted() throws Exception {
        try (WebSocketClient socket =
                WebSocketClient.open(agent.open(HOST), HOST, "/v1/responses")) {
            agent.nextReceived();
            socket.send(WebSocketClient.TEXT, utf8("<prompt>" + secret + "</prompt>"));
            assertNotInspected("unreadable", "CHP-CAT-");
        }
    }

    @Test
    void webSocketBinaryOfUnknownShapeIsCounted() throws Exception {
        try (WebSocketClient socket =
                WebSocketClient.open(agent.open(HOST), HOST, "/v1/responses")) {
            agent.nextReceived();
            socket.send(
                    WebSocketClient.BINARY,
                    ("\u0001\u0002\u00ff" + secret).getBytes(StandardCharsets.ISO_8859_1));
            assertNotInspected("unreadable", "CHP-CAT-");
        }
    }

    @Test
    void webSocketNobodyDeclaredIsCounted() throws Exception {
        try (WebSocketClient socket =
                WebSocketClient.open(agent.open(HOST), HOST, "/v9/brand-new-socket")) {
            socket.send(WebSocketClient.TEXT, utf8("{\"text\":\"" + secret + "\"}"));
            assertNotInspected("unknown_endpoint", "CHP-CAT-404");
        }
    }

    @Test
    void ruleThatOnlyWarnsIsSeen() throws Exception {
        agent.close();
        Path policy =
                Files.writeString(
                        folder.resolve("warn.yaml"),
                        """
                        version: 1
                        name: warn-only
                        defaults: {action: allow, on-timeout: allow, fail: allow, oversize: allow, unreadable: allow}
                        rules:
                          - id: secrets-are-noticed
                            stage: request
                            when: has("CREDENTIAL")
                            then: {action: warn}
                            tests:
                              - {findings: [SECRET.github-pat], expect: warn}
                              - {findings: [URL], expect: allow}
                        """);
        agent = new AgentUnderTest(folder, Optional.of(policy));
        post(CHAT, "", utf8(chat("\"key " + secret + "\"")));
        Event event = agent.awaitEvent(e -> e.rule().equals("secrets-are-noticed"));
        assertThat(event.action()).isEqualTo(Action.WARN);
        assertThat(event.outcome()).isEqualTo(Outcome.SENT);
        assertThat(event.findings()).containsEntry("SECRET.github-pat", 1);
        assertThat(agent.doctor()).contains("only-warned").contains("1 prompt");
    }

    @Test
    void missingModelIsSeen() throws Exception {
        Path damaged = folder.resolve("damaged");
        Path file = damaged.resolve("dev/chaperone/detection/intent/intent-groups.sha256");
        Files.createDirectories(file.getParent());
        Files.writeString(file, "0".repeat(64) + " 2026-01-01");
        Path data = folder.resolve("other-agent");
        try (AgentProcess other =
                AgentProcess.start(
                        folder,
                        List.of(),
                        List.of(damaged),
                        "run",
                        "--listen",
                        "127.0.0.1:0",
                        "--data-dir",
                        data.toString(),
                        "--upstream-ca",
                        folder.resolve("stand-in/ca.pem").toString(),
                        "--connect-to",
                        HOST + ":443:127.0.0.1:" + agent.standInPort())) {
            ProxyClient client = ProxyClient.of(other.readyPort(), data.resolve("ca.pem"));
            try (SSLSocket socket = client.open(HOST)) {
                AgentUnderTest.post(socket, HOST, CHAT, "", utf8(chat("\"key " + secret + "\"")));
            }
            assertThat(text(agent.nextReceived())).contains("key [SECRET-1]");
            Event event = AgentUnderTest.awaitEvent(data, e -> e.endpoint().equals("chat"));
            assertThat(event.notInspected()).containsEntry("missing_intent-model", 1);
            assertThat(event.intent()).isEqualTo("unknown");
            // This doctor's own class path is whole: it must tell what the running agent lacks.
            assertThat(AgentUnderTest.doctor(data))
                    .contains("\"protected\":false")
                    .contains("intent-model");
        }
    }

    // ----

    private String assertRedacted(String headers, byte[] body, String placeholder)
            throws Exception {
        assertThat(post(CHAT, headers, body)).startsWith("HTTP/1.1 200");
        String arrived = text(agent.nextReceived());
        assertThat(arrived).contains(placeholder).doesNotContain(secret.substring(4, 16));
        assertThat(agent.awaitEvent(e -> e.service().equals("openai-api")).outcome())
                .isEqualTo(Outcome.SENT_REDACTED);
        return arrived;
    }

    private void assertNotInspected(String reason, String code) throws Exception {
        Event event = agent.awaitEvent(e -> e.notInspected().containsKey(reason));
        assertThat(event.code()).startsWith(code);
        assertThat(event.host()).isEqualTo(HOST);
        assertThat(agent.doctor()).contains("not-inspected").contains(reason + "=1");
    }

    private String post(String path, String headers, byte[] body) throws Exception {
        try (SSLSocket socket = agent.open(HOST)) {
            return AgentUnderTest.post(socket, HOST, path, headers, body);
        }
    }

    private static String chat(String content) {
        return "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":" + content + "}]}";
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
