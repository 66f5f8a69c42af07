// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import static dev.chaperone.inspector.conn.ProxyHarness.answer;
import static dev.chaperone.inspector.conn.ProxyHarness.post;
import static dev.chaperone.inspector.conn.ProxyHarness.send;
import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.inspector.Replacement;
import dev.chaperone.inspector.Verdict;
import dev.chaperone.model.finding.Span;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A message means the same wherever its bytes are cut: inside TLS each piece is a record of its
 * own.
 */
class SplitAtEveryOffsetTest {
    private static final String SPAN = "s3cret";

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @SuppressWarnings("NullAway.Init") // set before each test
    private ProxyHarness proxy;

    @BeforeEach
    void start() throws Exception {
        proxy = new ProxyHarness(folder, true, 64 << 10);
        proxy.gate =
                (_, prompt) -> {
                    int at = prompt.segments().getFirst().text().indexOf(SPAN);
                    return new Verdict.Rewrite(
                            List.of(new Replacement(0, new Span(at, at + SPAN.length()), "[X-1]")));
                };
    }

    @AfterEach
    void stop() throws Exception {
        proxy.close();
    }

    private static void sendSplit(Socket socket, byte[] message, int at) throws IOException {
        socket.setTcpNoDelay(true);
        socket.getOutputStream().write(message, 0, at);
        socket.getOutputStream().flush();
        socket.getOutputStream().write(message, at, message.length - at);
        socket.getOutputStream().flush();
    }

    private static void sendByteByByte(Socket socket, byte[] message) throws IOException {
        for (byte b : message) {
            socket.getOutputStream().write(b);
            socket.getOutputStream().flush();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void requestWithALength() throws Exception {
        byte[] request = bytes(post("{\"text\":\"key s3cret!\"}"));
        String expected = post("{\"text\":\"key [X-1]!\"}");
        try (SSLSocket socket = proxy.open("chat.test")) {
            for (int at = 1; at < request.length; at++) {
                sendSplit(socket, request, at);
                assertThat(answer(socket)).as("cut at %d", at).contains("200 OK");
                assertThat(proxy.nextReceived()).as("cut at %d", at).isEqualTo(expected);
            }
            sendByteByByte(socket, request);
            assertThat(answer(socket)).contains("200 OK");
            assertThat(proxy.nextReceived()).isEqualTo(expected);
        }
    }

    @Test
    void requestInChunks() throws Exception {
        byte[] request =
                bytes(
                        """
                        POST /prompt HTTP/1.1
                        Host: chat.test
                        Transfer-Encoding: chunked

                        c;x=y
                        {"text":"a s
                        7
                        3cret"}
                        0
                        T: 1

                        """
                                .replace("\n", "\r\n"));
        try (SSLSocket socket = proxy.open("chat.test")) {
            for (int at = 1; at < request.length; at++) {
                sendSplit(socket, request, at);
                assertThat(answer(socket)).as("cut at %d", at).contains("200 OK");
                assertThat(proxy.nextReceived())
                        .as("cut at %d", at)
                        .endsWith("{\"text\":\"a [X-1]\"}");
            }
        }
    }

    @Test
    void webSocketFrames() throws Exception {
        byte[] first = ProxyHarness.frame(0x01, "{\"text\":\"a s3c", true);
        byte[] ping = ProxyHarness.frame(0x89, "p", true);
        byte[] last = ProxyHarness.frame(0x80, "ret" + " ".repeat(130) + "\"}", true);
        byte[] message = new byte[first.length + ping.length + last.length];
        System.arraycopy(first, 0, message, 0, first.length);
        System.arraycopy(ping, 0, message, first.length, ping.length);
        System.arraycopy(last, 0, message, first.length + ping.length, last.length);
        try (SSLSocket socket = proxy.openSocket("/socket")) {
            proxy.nextReceived();
            for (int at = 1; at < message.length; at++) {
                sendSplit(socket, message, at);
                assertThat(proxy.nextReceived()).as("cut at %d", at).isEqualTo("89:p");
                assertThat(proxy.nextReceived())
                        .as("cut at %d", at)
                        .isEqualTo("81:{\"text\":\"a [X-1]" + " ".repeat(130) + "\"}");
                ProxyHarness.readFrame(socket.getInputStream());
                ProxyHarness.readFrame(socket.getInputStream());
            }
        }
    }

    @Test
    void firstHeadOfAConnection() throws Exception {
        byte[] head = bytes("GET /proxy.pac HTTP/1.1\r\nHost: x\r\n\r\n");
        for (int at = 1; at < head.length; at++) {
            try (Socket socket = proxy.connect()) {
                sendSplit(socket, head, at);
                assertThat(answer(socket)).as("cut at %d", at).contains("\"chat.test\": 1");
            }
        }
    }

    @Test
    void connectWithTheHelloBehindItInOnePiece() throws Exception {
        // A client that does not wait for the 200: head and hello arrive together, cut anywhere.
        byte[] head = bytes("CONNECT chat.test:443 HTTP/1.1\r\nHost: chat.test\r\n\r\n");
        byte[] hello = {22, 3, 1, 0, 4, 2, 0, 0, 0}; // malformed, so that the answer is one alert
        byte[] both = new byte[head.length + hello.length];
        System.arraycopy(head, 0, both, 0, head.length);
        System.arraycopy(hello, 0, both, head.length, hello.length);
        for (int at = 1; at < both.length; at++) {
            try (Socket socket = proxy.connect()) {
                sendSplit(socket, both, at);
                assertThat(ProxyHarness.head(socket.getInputStream())).startsWith("HTTP/1.1 200");
                assertThat(socket.getInputStream().readAllBytes())
                        .as("cut at %d", at)
                        .containsExactly(21, 3, 3, 0, 2, 2, 50);
            }
        }
    }

    @Test
    void nothingIsLostBetweenRequestsInOneRecord() throws Exception {
        try (SSLSocket socket = proxy.open("chat.test")) {
            String one = post("{\"text\":\"s3cret\"}");
            send(socket, one + one + one);
            for (int i = 0; i < 3; i++) {
                assertThat(answer(socket)).contains("200 OK");
                assertThat(proxy.nextReceived()).isEqualTo(post("{\"text\":\"[X-1]\"}"));
            }
        }
    }
}
