// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.inspector.Restoration;
import dev.chaperone.inspector.Verdict;
import dev.chaperone.pki.DeviceRoot;
import dev.chaperone.pki.Pem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A held HTTP/2 request holds its stream and nothing else, whatever engine and transport. */
class Http2HoldTest {
    private static final int STREAMS = 20;
    private static final Duration SHORT_HOLD = Duration.ofSeconds(3);
    private static final Duration LONG_HOLD = Duration.ofSeconds(30);
    private static final int NEIGHBOUR_SECONDS = 10;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private interface Body {
        void run(ProxyHarness proxy, Http2Peers peers, Http2Peers.Client client) throws Exception;
    }

    /**
     * @param nativeEngines epoll and BoringSSL, or NIO and the JDK's engine
     */
    private void between(boolean nativeEngines, Body body) throws Exception {
        DeviceRoot upstreamRoot = DeviceRoot.create("Upstream", Instant.now());
        DeviceRoot root = DeviceRoot.create("Chaperone", Instant.now());
        Path bundle =
                Files.writeString(folder.resolve("up.pem"), Pem.encode(upstreamRoot.certificate()));
        try (Http2Peers peers = new Http2Peers(upstreamRoot);
                ProxyHarness proxy = new ProxyHarness(nativeEngines, bundle, peers.port(), root)) {
            assertThat(proxy.proxy().transport()).isEqualTo(nativeEngines ? "epoll" : "nio");
            Http2Peers.Client client = peers.connect(proxy.proxy().address(), root.certificate());
            body.run(proxy, peers, client);
            client.close();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void heldStreamLeavesItsNeighboursAlone(boolean nativeEngines) throws Exception {
        between(nativeEngines, (proxy, peers, client) -> hold(proxy, peers, client, SHORT_HOLD));
    }

    @Test
    @Tag("slow")
    void streamHeldForHalfAMinuteLeavesItsNeighboursAlone() throws Exception {
        between(true, (proxy, peers, client) -> hold(proxy, peers, client, LONG_HOLD));
    }

    private static void hold(
            ProxyHarness proxy, Http2Peers peers, Http2Peers.Client client, Duration hold)
            throws Exception {
        CountDownLatch holding = new CountDownLatch(1);
        proxy.gate =
                (_, prompt) -> {
                    if (prompt.text().equals("held")) {
                        holding.countDown();
                        new CountDownLatch(1).await(hold.toMillis(), TimeUnit.MILLISECONDS);
                    }
                    return new Verdict.Forward();
                };
        long started = System.nanoTime();
        Http2Peers.Stream held = client.post("{\"text\":\"held\"}");
        assertThat(holding.await(5, TimeUnit.SECONDS)).isTrue();
        List<Http2Peers.Stream> others = new ArrayList<>();
        for (int i = 1; i < STREAMS; i++) {
            others.add(client.post("{\"text\":\"" + i + "\"}"));
        }
        for (Http2Peers.Stream other : others) {
            assertThat(other.answer().get(NEIGHBOUR_SECONDS, TimeUnit.SECONDS))
                    .isEqualTo("200 {\"answer\":\"ok\"}");
        }
        assertThat(client.ping(4711)).isTrue();
        assertThat(held.answer()).isNotDone();
        assertThat(peers.received).hasSize(STREAMS - 1).doesNotContain("{\"text\":\"held\"}");
        assertThat(held.answer().get(hold.toSeconds() + 5, TimeUnit.SECONDS))
                .isEqualTo("200 {\"answer\":\"ok\"}");
        assertThat(Duration.ofNanos(System.nanoTime() - started)).isGreaterThanOrEqualTo(hold);
        assertThat(peers.received).contains("{\"text\":\"held\"}");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void restoredAnswerIsLongerThanTheServiceSaid(boolean nativeEngines) throws Exception {
        between(
                nativeEngines,
                (proxy, peers, client) -> {
                    String value = "long ".repeat(20_000);
                    proxy.restoration = new Restoration(Map.of("[PERSON-1]", value), false);
                    peers.says = "{\"answer\":\"[person-1] was here\"}";
                    for (int i = 0; i < 3; i++) {
                        Http2Peers.Stream stream = client.post("{\"text\":\"hi\"}");
                        assertThat(stream.answer().get(10, TimeUnit.SECONDS))
                                .isEqualTo("200 {\"answer\":\"" + value + " was here\"}");
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void megabyteThatIsHeldPassesTheWindow(boolean nativeEngines) throws Exception {
        String body = "{\"text\":\"" + "0123456789abcdef".repeat(80_000) + "\"}";
        between(
                nativeEngines,
                (proxy, peers, client) -> {
                    List<Http2Peers.Stream> streams = new ArrayList<>();
                    for (int i = 0; i < 4; i++) {
                        streams.add(client.post(body));
                    }
                    for (Http2Peers.Stream stream : streams) {
                        assertThat(stream.answer().get(10, TimeUnit.SECONDS)).startsWith("200 ");
                        assertThat(peers.received.take()).isEqualTo(body);
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void resetDuringAHoldCancelsTheDecisionAndNothingIsSent(boolean nativeEngines)
            throws Exception {
        between(
                nativeEngines,
                (proxy, peers, client) -> {
                    CountDownLatch holding = new CountDownLatch(1);
                    CountDownLatch interrupted = new CountDownLatch(1);
                    proxy.gate = cancelled(holding, interrupted);
                    Http2Peers.Stream stream = client.post("{\"text\":\"held\"}");
                    assertThat(holding.await(5, TimeUnit.SECONDS)).isTrue();
                    long left = System.nanoTime();
                    stream.reset();
                    assertCancelled(nativeEngines, "RST_STREAM", interrupted, left);
                    proxy.gate = (_, _) -> new Verdict.Forward();
                    assertThat(client.post("{\"text\":\"next\"}").answer().get(5, TimeUnit.SECONDS))
                            .startsWith("200 ");
                    assertThat(peers.received).containsExactly("{\"text\":\"next\"}");
                    assertThat(peers.heads).hasSize(1);
                });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void connectionThatClosesDuringAHoldCancelsTheDecision(boolean nativeEngines) throws Exception {
        between(
                nativeEngines,
                (proxy, peers, client) -> {
                    CountDownLatch holding = new CountDownLatch(1);
                    CountDownLatch interrupted = new CountDownLatch(1);
                    proxy.gate = cancelled(holding, interrupted);
                    client.post("{\"text\":\"held\"}");
                    assertThat(holding.await(5, TimeUnit.SECONDS)).isTrue();
                    long left = System.nanoTime();
                    client.close();
                    assertCancelled(nativeEngines, "close", interrupted, left);
                    assertThat(peers.heads).isEmpty();
                });
    }

    private static ProxyHarness.Gate cancelled(CountDownLatch holding, CountDownLatch interrupted) {
        return (_, _) -> {
            holding.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
                throw e;
            }
            return new Verdict.Forward();
        };
    }

    private static void assertCancelled(
            boolean nativeEngines, String how, CountDownLatch interrupted, long left)
            throws InterruptedException {
        assertThat(interrupted.await(5, TimeUnit.SECONDS)).isTrue();
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - left);
        System.out.printf(
                "cancelled %d ms after %s (%s)%n",
                millis, how, nativeEngines ? "epoll + BoringSSL" : "NIO + JDK");
        assertThat(millis).isLessThan(1000);
    }
}
