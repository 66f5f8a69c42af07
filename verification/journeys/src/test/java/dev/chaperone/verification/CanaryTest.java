// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.agent.demo.StandIn;
import dev.chaperone.agent.os.FileKeyVault;
import dev.chaperone.agent.store.EventReader;
import dev.chaperone.model.decision.Action;
import dev.chaperone.model.event.Event;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A canary goes through an agent of its own process that logs at TRACE, in prompts of every
 * decision and in every malformed message: no twelve characters of it are left behind anywhere on
 * the device.
 */
class CanaryTest {
    private static final String HOST = "api.openai.com";
    private static final String CHAT = "/v1/chat/completions";
    private static final String LETTERS =
            "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";

    private static final String POLICY =
            """
            version: 1
            name: every-decision
            defaults: {action: allow, on-timeout: redact, fail: redact, oversize: allow, unreadable: allow}
            rules:
              - id: cards-stay
                stage: request
                when: has("CREDIT_CARD")
                then: {action: block}
                tests: [{findings: [CREDIT_CARD], expect: block}, {findings: [URL], expect: allow}]
              - id: secrets-out
                stage: request
                when: has("CREDENTIAL")
                then: {action: redact}
                tests: [{findings: [SECRET.github-pat], expect: redact}, {findings: [URL], expect: allow}]
              - id: mail-noticed
                stage: request
                when: has("EMAIL")
                then: {action: warn}
                tests: [{findings: [EMAIL], expect: warn}, {findings: [URL], expect: allow}]
            """;

    private static final String TRACE =
            """
            <configuration>
              <appender name="STDERR" class="ch.qos.logback.core.ConsoleAppender">
                <target>System.err</target>
                <encoder><pattern>%d %-5level [%thread] %logger - %msg %mdc%n%ex{full}</pattern></encoder>
              </appender>
              <root level="TRACE"><appender-ref ref="STDERR"/></root>
            </configuration>
            """;

    private final Random random = new Random();
    private final String canary = SampleSecrets.text(random, LETTERS, 48);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @Test
    void searcherFindsEveryFormOfEveryWindow() {
        CanarySearch search = new CanarySearch(canary);
        byte[] noise = new byte[4096];
        random.nextBytes(noise);
        assertThat(search.find(noise)).isEmpty();
        for (int i = 0; i + CanarySearch.WINDOW <= canary.length(); i += 5) {
            String piece = canary.substring(i, i + CanarySearch.WINDOW);
            CanarySearch.planted(piece)
                    .forEach((form, leak) ->
                            assertThat(search.find(within(noise, leak)))
                                    .as("%s of the window at its place", form)
                                    .isPresent());
        }
    }

    @Test
    void canaryOfEveryDecisionIsLeftNowhere() throws Exception {
        Run run = run("decisions", "", this::everyDecision, 6);
        assertThat(run.actions)
                .containsKeys(Action.ALLOW, Action.WARN, Action.REDACT, Action.BLOCK);
        assertThat(run.codes)
                .contains("CHP-TLS-010", "CHP-CAT-404", "CHP-IN-001", "CHP-IN-002", "CHP-IN-006");
        assertThat(run.codes).anyMatch(c -> c.startsWith("CHP-CAT-") && !c.equals("CHP-CAT-404"));
        assertThat(run.leaks).isEmpty();
    }

    @Test
    void canaryOfADecisionThatFailsIsLeftNowhere() throws Exception {
        Run run =
                run(
                        "failing",
                        "decision-timeout: 1ms\n",
                        client -> {
                            String text = (canary + " lorem ipsum ").repeat(20_000);
                            for (int i = 0; i < 3; i++) {
                                post(client, CHAT, "", utf8(chat(text + secret())));
                            }
                        },
                        1);
        assertThat(run.codes).contains("CHP-GATE-002");
        assertThat(run.leaks).isEmpty();
    }

    // ---- what is sent

    private void everyDecision(ProxyClient client) throws Exception {
        post(client, CHAT, "", utf8(chat("hello " + canary)));
        post(client, CHAT, "", utf8(chat("write to someone@mail-" + "corp.com about " + canary)));
        post(client, CHAT, "", utf8(chat("key " + secret() + " and " + canary)));
        post(client, CHAT, "", utf8(chat("card " + SampleSecrets.card(random) + " " + canary)));
        post(client, CHAT, "", utf8("{\"messages\":[{\"role\":\"user\",\"content\":\"" + canary));
        post(client, CHAT, "", utf8("{\"" + canary + "\":1,\"" + canary + "\":2}"));
        post(client, CHAT, "", bytes("{\"messages\":\"" + canary + "\u00ff\u00fe\"}"));
        post(client, CHAT, "Content-Encoding: x-" + canary + "\r\n", utf8(chat(canary)));
        post(client, CHAT, "Content-Encoding: gzip\r\n", utf8(canary));
        post(client, CHAT, "X-Note: " + canary + "\r\n", utf8(chat(canary)));
        post(client, "/v9/" + canary + "?q=" + canary, "", utf8(canary));
        post(client, CHAT, "Content-Digest: sha-256=:" + canary + ":\r\n", utf8(chat(secret())));
        post(client, CHAT, "", utf8(chat((canary + " ").repeat(200_000))));
        malformed(client, "GET /" + canary + " HTTP/1.1 " + canary + "\r\n\r\n");
        malformed(
                client,
                "POST " + CHAT + " HTTP/1.1\r\n" + canary + "\r\nHost : " + HOST + "\r\n\r\n");
        malformed(client, head("Content-Length: " + canary));
        malformed(client, head("Transfer-Encoding: chunked") + canary + "\r\n" + canary);
        malformed(client, "GET /" + canary + " HTTP/1.1\r\nHost: " + canary + ".test\r\n\r\n");
        plain(client, canary + "\r\n\r\n");
        plain(client, "\u0016\u0003\u0001" + canary);
        plain(client, "CONNECT " + canary + " HTTP/1.1\r\n\r\n");
        plain(client, "GET /" + canary + " HTTP/1.1\r\nHost: x\r\nX: " + canary + "\r\n\r\n");
        sockets(client);
    }

    private void sockets(ProxyClient client) throws Exception {
        String path = "/v1/responses";
        try (WebSocketClient socket = WebSocketClient.open(client.open(HOST), HOST, path)) {
            socket.send(
                    WebSocketClient.TEXT,
                    utf8(
                            "{\"type\":\"response.create\",\"input\":[{\"role\":\"user\",\"content\":\""
                                    + canary
                                    + " "
                                    + secret()
                                    + "\"}]}"));
            socket.send(WebSocketClient.TEXT, utf8("<odd>" + canary));
            socket.send(WebSocketClient.BINARY, utf8(canary));
            socket.send(0xF3, utf8(canary)); // reserved bits and a reserved opcode
            socket.socket().getInputStream().readAllBytes();
        } catch (IOException e) {
            // The agent ends the connection: that is what is due.
        }
    }

    private static String head(String field) {
        return "POST " + CHAT + " HTTP/1.1\r\nHost: " + HOST + "\r\n" + field + "\r\n\r\n";
    }

    private String secret() {
        return "ghp_" + canary.substring(2, 38);
    }

    private static void post(ProxyClient client, String path, String headers, byte[] body)
            throws IOException {
        try (SSLSocket socket = client.open(HOST)) {
            AgentUnderTest.post(socket, HOST, path, headers, body);
        } catch (IOException e) {
            // A refusal may end the connection; what counts is what is left behind.
        }
    }

    private static void malformed(ProxyClient client, String message) throws IOException {
        try (SSLSocket socket = client.open(HOST)) {
            socket.getOutputStream().write(bytes(message));
            socket.getOutputStream().flush();
            socket.getInputStream().readNBytes(20);
        } catch (IOException e) {
            // As above.
        }
    }

    private static void plain(ProxyClient client, String message) throws IOException {
        try (Socket socket = client.plain()) {
            socket.getOutputStream().write(bytes(message));
            socket.getOutputStream().flush();
            socket.getInputStream().readAllBytes();
        }
    }

    // ---- one run of an agent

    private interface Traffic {
        void through(ProxyClient client) throws Exception;
    }

    private record Run(Map<Action, Long> actions, List<String> codes, List<String> leaks) {}

    private Run run(String name, String config, Traffic traffic, int minEvents) throws Exception {
        Path scratch = Files.createDirectories(folder.resolve(name));
        Path standInFolder = Files.createDirectories(scratch.resolve("stand-in"));
        Path data = scratch.resolve("agent");
        Path output = Files.createDirectories(scratch.resolve("output"));
        try (StandIn standIn = new StandIn(standInFolder, _ -> {})) {
            Thread.ofPlatform().daemon().start(standIn::serve);
            AgentProcess agent = start(output, config, data, standInFolder, standIn.port());
            try (agent) {
                ProxyClient client = ProxyClient.of(agent.readyPort(), data.resolve("ca.pem"));
                traffic.through(client);
                AgentUnderTest.awaitEvent(data, e -> e.seq() >= minEvents);
                threads(agent, output);
                Files.write(output.resolve("files-while-running"), allFiles(data));
                assertThat(agent.stop()).isZero();
            }
            List<Event> events =
                    new EventReader(data, new FileKeyVault(data.resolve("keys")))
                            .since(Instant.EPOCH, 0);
            AgentProcess.Result told =
                    AgentProcess.run(scratch, "events", "--json", "--data-dir", data.toString());
            assertThat(told.out()).contains("\"seq\":" + minEvents);
            Files.writeString(output.resolve("events"), told.out() + told.err());
            // Otherwise nothing is proven: the libraries' and the JDK's own loggers do speak.
            assertThat(agent.errFile())
                    .content()
                    .contains("TRACE", "io.netty.", "java.lang.ProcessBuilder");
            return new Run(
                    events.stream()
                            .collect(Collectors.groupingBy(Event::action, Collectors.counting())),
                    events.stream().map(Event::code).filter(c -> c != null).toList(),
                    leaks(List.of(data, output)));
        }
    }

    private AgentProcess start(
            Path output, String config, Path data, Path standInFolder, int standInPort)
            throws IOException {
        Path trace = Files.writeString(folder.resolve("trace.xml"), TRACE);
        Path configFile =
                Files.writeString(folder.resolve("config.yaml"), config + "pac-direct: true\n");
        Path policy = Files.writeString(folder.resolve("policy.yaml"), POLICY);
        return AgentProcess.start(
                output,
                List.of("-Dlogback.configurationFile=" + trace),
                List.of(),
                "run",
                "--listen=127.0.0.1:0",
                "--config=" + configFile,
                "--policy=" + policy,
                "--data-dir=" + data,
                "--upstream-ca=" + standInFolder.resolve("ca.pem"),
                "--connect-to=" + HOST + ":443:127.0.0.1:" + standInPort);
    }

    /** Names and stacks of all threads, virtual ones too. */
    private static void threads(AgentProcess agent, Path output) throws Exception {
        Path dump = output.resolve("threads.json");
        Process jcmd =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                                Long.toString(agent.pid()),
                                "Thread.dump_to_file",
                                "-format=json",
                                dump.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(output.resolve("jcmd").toFile())
                        .start();
        assertThat(jcmd.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readString(dump)).contains("event-writer");
    }

    private List<String> leaks(List<Path> folders) throws IOException {
        CanarySearch search = new CanarySearch(canary);
        List<String> leaks = new ArrayList<>();
        for (Path each : folders) {
            for (Path file : filesOf(each)) {
                Optional<String> form =
                        search.find(utf8(file.getFileName().toString()))
                                .or(() -> search.find(read(file)));
                form.ifPresent(f -> leaks.add(each.relativize(file) + ": " + f));
            }
        }
        return leaks;
    }

    private static byte[] allFiles(Path data) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Path file : filesOf(data)) {
            all.writeBytes(read(file));
        }
        return all.toByteArray();
    }

    private static List<Path> filesOf(Path tree) throws IOException {
        try (Stream<Path> walk = Files.walk(tree)) {
            return walk.filter(Files::isRegularFile).toList();
        }
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            return new byte[0]; // gone meanwhile
        }
    }

    private static byte[] within(byte[] noise, byte[] leak) {
        byte[] all = Arrays.copyOf(noise, noise.length + leak.length + 100);
        System.arraycopy(leak, 0, all, noise.length + 50, leak.length);
        return all;
    }

    private static String chat(String content) {
        return "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\""
                + content
                + "\"}]}";
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
