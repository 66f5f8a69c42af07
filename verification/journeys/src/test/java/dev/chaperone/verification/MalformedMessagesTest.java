// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.agent.demo.StandIn;
import dev.chaperone.agent.os.FileKeyVault;
import dev.chaperone.agent.store.EventReader;
import dev.chaperone.inspector.conn.BadMessages;
import dev.chaperone.inspector.conn.BadMessages.Bad;
import dev.chaperone.inspector.conn.BadMessages.Place;
import dev.chaperone.model.event.Event;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each malformed message gets a well-formed refusal or a clean close within a second and an event
 * with a code; the agent writes no exception and serves the next request.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MalformedMessagesTest {
    private static final int LIMIT_MILLIS = 1000;

    private static final String STRICT =
            """
            version: 1
            name: strict
            defaults: {action: allow, on-timeout: block, fail: block, oversize: block, unreadable: block}
            rules:
              - id: cards-stay
                stage: request
                when: has("CREDIT_CARD")
                then: {action: block}
                tests: [{findings: [CREDIT_CARD], expect: block}, {findings: [URL], expect: allow}]
            """;

    private final AtomicInteger upstream = new AtomicInteger();

    @SuppressWarnings("NullAway.Init") // set before the tests
    private StandIn standIn;

    @SuppressWarnings("NullAway.Init")
    private AgentProcess agent;

    @SuppressWarnings("NullAway.Init")
    private ProxyClient client;

    @SuppressWarnings("NullAway.Init")
    private EventReader events;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        Path standInFolder = Files.createDirectories(folder.resolve("stand-in"));
        Path data = folder.resolve("agent");
        standIn = new StandIn(standInFolder, _ -> upstream.incrementAndGet());
        Thread.ofPlatform().daemon().start(standIn::serve);
        agent =
                AgentProcess.start(
                        folder,
                        List.of(),
                        List.of(),
                        "run",
                        "--listen=127.0.0.1:0",
                        "--policy=" + Files.writeString(folder.resolve("strict.yaml"), STRICT),
                        "--data-dir=" + data,
                        "--upstream-ca=" + standInFolder.resolve("ca.pem"),
                        "--connect-to=" + BadMessages.HOST + ":443:127.0.0.1:" + standIn.port());
        client = ProxyClient.of(agent.readyPort(), data.resolve("ca.pem"));
        events = new EventReader(data, new FileKeyVault(data.resolve("keys")));
        assertThat(next()).startsWith("HTTP/1.1 200");
    }

    @AfterAll
    void stop() throws Exception {
        agent.close();
        standIn.close();
    }

    static List<Bad> messages() throws Exception {
        return BadMessages.all();
    }

    @Test
    void thereAreEnoughOfThem() throws Exception {
        assertThat(messages()).hasSizeGreaterThanOrEqualTo(50);
    }

    @ParameterizedTest
    @MethodSource("messages")
    void malformedMessageIsRefusedRecordedAndForgotten(Bad bad) throws Exception {
        long before = recorded(bad.code());
        upstream.set(0);
        long started = System.nanoTime();
        byte[] answer = send(bad);
        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started))
                .isLessThan(LIMIT_MILLIS);
        assertWellFormed(bad.place(), answer);
        // The handshake of a WebSocket is well-formed and arrives; nothing malformed ever does.
        assertThat(upstream.get()).isLessThanOrEqualTo(bad.place() == Place.SOCKET ? 1 : 0);
        awaitRecorded(bad.code(), before);
        assertThat(next()).startsWith("HTTP/1.1 200");
        assertThat(Files.readString(agent.errFile()))
                .doesNotContain("Exception", "\tat ", "WARN", "ERROR");
    }

    private byte[] send(Bad bad) throws IOException {
        return switch (bad.place()) {
            case PORT -> exchange(client.plain(), bad.bytes());
            case HELLO -> {
                Socket socket = client.plain();
                socket.getOutputStream()
                        .write(
                                ("CONNECT " + BadMessages.HOST + ":443 HTTP/1.1\r\n\r\n")
                                        .getBytes(StandardCharsets.US_ASCII));
                AgentUnderTest.head(socket.getInputStream());
                yield exchange(socket, bad.bytes());
            }
            case HTTP -> exchange(client.open(BadMessages.HOST), bad.bytes());
            case SOCKET -> {
                SSLSocket socket = client.open(BadMessages.HOST);
                WebSocketClient.open(socket, BadMessages.HOST, "/v1/responses");
                yield exchange(socket, bad.bytes());
            }
        };
    }

    /** Sends and reads to the end; what is still open after the limit fails. */
    private static byte[] exchange(Socket socket, byte[] message) throws IOException {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        try (socket) {
            socket.setSoTimeout(LIMIT_MILLIS);
            socket.getOutputStream().write(message);
            socket.getOutputStream().flush();
            int b;
            while ((b = socket.getInputStream().read()) >= 0) {
                answer.write(b);
            }
        } catch (SocketTimeoutException e) {
            throw new AssertionError(
                    "still open after "
                            + LIMIT_MILLIS
                            + " ms; said: "
                            + answer.toString(StandardCharsets.ISO_8859_1));
        } catch (SocketException e) {
            // Closed while it was written to: what had been said by then counts.
        }
        return answer.toByteArray();
    }

    private static void assertWellFormed(Place place, byte[] answer) {
        if (answer.length == 0) {
            return; // a clean close
        }
        String text = new String(answer, StandardCharsets.ISO_8859_1);
        switch (place) {
            case PORT, HTTP -> {
                assertThat(text).matches("(?s)HTTP/1\\.1 4\\d\\d [^\r\n]+\r\n.*\r\n\r\n.+");
                int length =
                        Integer.parseInt(
                                text.replaceAll("(?is).*content-length: (\\d+)\r\n.*", "$1"));
                assertThat(text.length() - text.indexOf("\r\n\r\n") - 4).isEqualTo(length);
            }
            // RFC 8446 §6: level fatal, and a description.
            case HELLO -> assertThat(answer).startsWith(21, 3, 3, 0, 2, 2).hasSize(7);
            // RFC 6455 §5.5.1: a close frame.
            case SOCKET -> assertThat(answer[0]).isEqualTo((byte) 0x88);
        }
    }

    private String next() throws IOException {
        try (SSLSocket socket = client.open(BadMessages.HOST)) {
            return AgentUnderTest.post(
                    socket,
                    BadMessages.HOST,
                    BadMessages.CHAT,
                    "",
                    "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"
                            .getBytes(StandardCharsets.UTF_8));
        }
    }

    private long recorded(String code) throws IOException {
        long n = 0;
        for (Event e : events.since(Instant.EPOCH, 0)) {
            if (e.code() != null && e.code().startsWith(code)) {
                n += 1 + e.repeats();
            }
        }
        return n;
    }

    private void awaitRecorded(String code, long before) throws Exception {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
        while (recorded(code) <= before) {
            assertThat(System.nanoTime()).as("no event with %s", code).isLessThan(until);
            TimeUnit.MILLISECONDS.sleep(10); // another process commits in groups of 50 ms
        }
    }
}
