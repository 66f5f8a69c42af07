// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import static dev.chaperone.inspector.conn.ProxyHarness.readFrame;
import static dev.chaperone.inspector.conn.ProxyHarness.sendFrame;
import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.inspector.Refusal;
import dev.chaperone.inspector.Replacement;
import dev.chaperone.inspector.Verdict;
import dev.chaperone.model.finding.Span;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WebSocketRelayTest {
    private static final int TEXT = 0x81;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @SuppressWarnings("NullAway.Init") // each test starts one
    private ProxyHarness proxy;

    @BeforeEach
    void start() throws Exception {
        proxy = new ProxyHarness(folder, true, 4096);
    }

    @AfterEach
    void stop() throws Exception {
        proxy.close();
    }

    @Test
    void messageIsReadAndArrivesAndCompressionIsNotOffered() throws Exception {
        try (SSLSocket socket = proxy.openSocket("/socket")) {
            assertThat(proxy.nextReceived())
                    .contains("Upgrade: websocket")
                    .doesNotContain("permessage-deflate");
            sendFrame(socket, TEXT, "{\"text\":\"hello ä\"}");
            assertThat(readFrame(socket.getInputStream())).isEqualTo("81:{\"answer\":\"ok\"}");
            assertThat(proxy.nextReceived()).isEqualTo("81:{\"text\":\"hello ä\"}");
        }
        assertThat(proxy.decided).hasSize(1);
    }

    @Test
    void fragmentedMessageIsDecidedWhole() throws Exception {
        proxy.gate =
                (_, p) ->
                        new Verdict.Rewrite(
                                List.of(
                                        new Replacement(
                                                0, new Span(0, p.text().length()), "[X-1]")));
        try (SSLSocket socket = proxy.openSocket("/socket")) {
            proxy.nextReceived();
            sendFrame(socket, 0x01, "{\"text\":\"sec");
            sendFrame(socket, 0x89, "ping");
            assertThat(proxy.nextReceived()).isEqualTo("89:ping");
            sendFrame(socket, 0x80, "ret\"}");
            assertThat(proxy.nextReceived()).isEqualTo("81:{\"text\":\"[X-1]\"}");
        }
    }

    @Test
    void refusedMessageNeverLeavesAndTheNextOneDoes() throws Exception {
        proxy.gate =
                (_, p) ->
                        p.text().equals("no")
                                ? new Verdict.Refuse(
                                        new Refusal("id", "Not this. (id)", "CHP-POL-001"))
                                : new Verdict.Forward();
        try (SSLSocket socket = proxy.openSocket("/socket")) {
            proxy.nextReceived();
            sendFrame(socket, TEXT, "{\"text\":\"no\"}");
            assertThat(readFrame(socket.getInputStream())).contains("Not this. (id)");
            sendFrame(socket, TEXT, "{\"text\":\"yes\"}");
            assertThat(proxy.nextReceived()).contains("yes");
        }
        assertThat(proxy.received).isEmpty();
    }

    @Test
    void pingPassesWhileAMessageIsHeld() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        proxy.gate =
                (_, _) -> {
                    release.await();
                    return new Verdict.Forward();
                };
        try (SSLSocket socket = proxy.openSocket("/socket")) {
            proxy.nextReceived();
            sendFrame(socket, TEXT, "{\"text\":\"held\"}");
            sendFrame(socket, 0x89, "alive");
            assertThat(proxy.nextReceived()).isEqualTo("89:alive");
            release.countDown();
            assertThat(proxy.nextReceived()).contains("held");
        }
    }

    @Test
    void clientThatLeavesDuringAHoldCancelsTheDecision() throws Exception {
        CountDownLatch holding = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        proxy.gate =
                (_, _) -> {
                    holding.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        interrupted.countDown();
                        throw e;
                    }
                    return new Verdict.Forward();
                };
        SSLSocket socket = proxy.openSocket("/socket");
        proxy.nextReceived();
        sendFrame(socket, TEXT, "{\"text\":\"held\"}");
        assertThat(holding.await(5, TimeUnit.SECONDS)).isTrue();
        socket.close();
        assertThat(interrupted.await(5, TimeUnit.SECONDS)).isTrue();
        assertThat(proxy.received).isEmpty();
    }

    @Test
    void messageOverTheLimitClosesTheSocketAndIsNoted() throws Exception {
        try (SSLSocket socket = proxy.openSocket("/socket")) {
            proxy.nextReceived();
            sendFrame(socket, 0x01, "x".repeat(4000));
            sendFrame(socket, 0x80, "x".repeat(4000));
            assertThat(readFrame(socket.getInputStream())).startsWith("88:");
        }
        assertThat(proxy.failures).containsExactly("CHP-TLS-020");
        assertThat(proxy.received).isEmpty();
    }

    @Test
    void socketNobodyDeclaredPassesAndIsCounted() throws Exception {
        try (SSLSocket socket = proxy.openSocket("/other")) {
            assertThat(proxy.nextReceived()).contains("permessage-deflate");
            sendFrame(socket, TEXT, "anything");
            assertThat(proxy.nextReceived()).isEqualTo("81:anything");
        }
        assertThat(proxy.unmatched).hasValue(1);
    }
}
