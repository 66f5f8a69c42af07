// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import static dev.chaperone.inspector.conn.ProxyHarness.answer;
import static dev.chaperone.inspector.conn.ProxyHarness.post;
import static dev.chaperone.inspector.conn.ProxyHarness.send;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.chaperone.inspector.Refusal;
import dev.chaperone.inspector.Replacement;
import dev.chaperone.inspector.Verdict;
import dev.chaperone.model.finding.Span;
import dev.chaperone.model.prompt.NotInspected;
import java.net.Socket;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InspectingProxyTest {
    private static final int MAX_BODY = 64 << 10;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @SuppressWarnings("NullAway.Init") // each test starts one
    private ProxyHarness proxy;

    private void start(boolean nativeEngines) throws Exception {
        proxy = new ProxyHarness(folder, nativeEngines, MAX_BODY);
    }

    @AfterEach
    void stop() throws Exception {
        proxy.close();
    }

    private static String issuer(SSLSocket socket) throws Exception {
        return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
                .getIssuerX500Principal()
                .getName();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void allowedPromptArrivesByteForByte(boolean nativeEngines) throws Exception {
        start(nativeEngines);
        String request = post("{\"text\":\"hello \\u00e4 \",\"model\":\"m\"}");
        try (SSLSocket socket = proxy.open("chat.test")) {
            assertThat(issuer(socket)).contains("Chaperone");
            send(socket, request);
            assertThat(answer(socket)).endsWith("{\"answer\":\"ok\"}");
            assertThat(proxy.nextReceived()).isEqualTo(request);
            send(socket, request); // keep-alive
            assertThat(answer(socket)).endsWith("{\"answer\":\"ok\"}");
            assertThat(proxy.nextReceived()).isEqualTo(request);
        }
        assertThat(ProxyHarness.wordsOf(proxy.decided.getFirst())).contains("hello ä ");
    }

    @Test
    void chunkedPromptArrivesAndIsRead() throws Exception {
        start(true);
        try (SSLSocket socket = proxy.open("chat.test")) {
            send(
                    socket,
                    "POST /prompt HTTP/1.1\r\nHost: chat.test\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{\"text\":\r\n");
            send(socket, "5\r\n\"hi\"}\r\n0\r\n\r\n");
            assertThat(answer(socket)).contains("200 OK");
        }
        assertThat(proxy.nextReceived()).endsWith("{\"text\":\"hi\"}");
    }

    @Test
    void redactionChangesOnlyTheSpanAndTheLength() throws Exception {
        start(true);
        proxy.gate =
                (_, prompt) ->
                        new Verdict.Rewrite(List.of(new Replacement(0, new Span(5, 11), "[X-1]")));
        try (SSLSocket socket = proxy.open("chat.test")) {
            send(socket, post("{\"text\":\"key: s3cret!\",  \"model\":\"m\"}"));
            assertThat(answer(socket)).contains("200 OK");
        }
        assertThat(proxy.nextReceived())
                .isEqualTo(post("{\"text\":\"key: [X-1]!\",  \"model\":\"m\"}"));
    }

    @Test
    void redactionOfASignedBodyIsRefused() throws Exception {
        start(true);
        proxy.gate =
                (_, _) -> new Verdict.Rewrite(List.of(new Replacement(0, new Span(0, 2), "[X-1]")));
        try (SSLSocket socket = proxy.open("chat.test")) {
            send(
                    socket,
                    post("{\"text\":\"secret\"}")
                            .replace("X-Case:", "Content-Digest: sha-256=:AA=:\r\nX-Case:"));
            assertThat(answer(socket)).startsWith("HTTP/1.1 400").contains("CHP-TLS-011");
        }
        assertThat(proxy.received).isEmpty();
    }

    @Test
    void refusalIsReadableAndTheNextRequestUnharmed() throws Exception {
        start(true);
        proxy.gate =
                (_, prompt) ->
                        prompt.text().contains("no")
                                ? new Verdict.Refuse(
                                        new Refusal("id1", "Not this. (id1)", "CHP-POL-001"))
                                : new Verdict.Forward();
        try (SSLSocket socket = proxy.open("chat.test")) {
            send(socket, post("{\"text\":\"no\"}"));
            assertThat(answer(socket))
                    .contains("Not this. (id1)")
                    .containsIgnoringCase("cache-control: no-store");
            send(socket, post("{\"text\":\"yes\"}"));
            assertThat(answer(socket)).contains("200 OK");
        }
        assertThat(proxy.nextReceived()).contains("yes");
        assertThat(proxy.received).isEmpty();
    }

    @Test
    void eventOfAStreamArrivesBeforeTheNextOneIsSent() throws Exception {
        start(true);
        try (SSLSocket socket = proxy.open("chat.test")) {
            send(socket, post("{\"text\":\"hi\",\"stream\":true}"));
            assertThat(ProxyHarness.head(socket.getInputStream())).contains("text/event-stream");
            byte[] first = socket.getInputStream().readNBytes(26);
            assertThat(new String(first, java.nio.charset.StandardCharsets.US_ASCII))
                    .contains("\"answer\":1");
            proxy.nextEvent.countDown();
            byte[] second = socket.getInputStream().readNBytes(26);
            assertThat(new String(second, java.nio.charset.StandardCharsets.US_ASCII))
                    .contains("\"answer\":2");
        }
    }

    @Test
    void pipelinedRequestsKeepTheirOrder() throws Exception {
        start(true);
        try (SSLSocket socket = proxy.open("chat.test")) {
            send(
                    socket,
                    post("{\"text\":\"1\"}") + post("{\"text\":\"2\"}") + post("{\"text\":\"3\"}"));
            for (int i = 1; i <= 3; i++) {
                assertThat(answer(socket)).contains("200 OK");
                assertThat(proxy.nextReceived()).contains("\"" + i + "\"");
            }
        }
    }

    @Test
    void clientThatWaitsForLeaveToSendGetsIt() throws Exception {
        start(true);
        try (SSLSocket socket = proxy.open("chat.test")) {
            send(
                    socket,
                    post("{\"text\":\"hi\"}")
                            .replace("X-Case", "Expect: 100-continue\r\nX-Case")
                            .replaceAll("\\{.*", ""));
            assertThat(ProxyHarness.head(socket.getInputStream())).startsWith("HTTP/1.1 100");
            send(socket, "{\"text\":\"hi\"}");
            assertThat(answer(socket)).contains("200 OK");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void clientThatLeavesDuringAHoldCancelsTheDecision(boolean nativeEngines) throws Exception {
        start(nativeEngines);
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
        SSLSocket socket = proxy.open("chat.test");
        send(socket, post("{\"text\":\"hi\"}"));
        assertThat(holding.await(5, TimeUnit.SECONDS)).isTrue();
        long left = System.nanoTime();
        socket.close();
        assertThat(interrupted.await(5, TimeUnit.SECONDS)).isTrue();
        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - left)).isLessThan(1000);
        assertThat(proxy.received).isEmpty();
    }

    @Test
    void gateThatThrowsMeansTheFailVerdict() throws Exception {
        start(true);
        proxy.gate =
                (_, _) -> {
                    throw new IllegalStateException("bug");
                };
        try (SSLSocket socket = proxy.open("chat.test")) {
            send(socket, post("{\"text\":\"hi\"}"));
            assertThat(answer(socket)).contains("CHP-GATE-001");
        }
        assertThat(proxy.received).isEmpty();
    }

    @Test
    void bodyOverTheLimitIsTheGatesToDecide() throws Exception {
        start(true);
        String body = "{\"text\":\"" + "x".repeat(3 * MAX_BODY) + "\"}";
        try (SSLSocket socket = proxy.open("chat.test")) {
            send(socket, post(body));
            assertThat(answer(socket)).contains("200 OK");
        }
        assertThat(proxy.nextReceived()).isEqualTo(post(body));
        assertThat(proxy.decided.getFirst().notInspected())
                .extracting(NotInspected::reason)
                .containsExactly(NotInspected.Reason.OVERSIZE);
    }

    @Test
    void refusedBodyOverTheLimitNeverLeaves() throws Exception {
        start(true);
        proxy.gate = (_, _) -> new Verdict.Refuse(new Refusal("id", "too big", "CHP-TLS-020"));
        try (SSLSocket socket = proxy.open("chat.test")) {
            send(socket, post("{\"text\":\"" + "x".repeat(3 * MAX_BODY) + "\"}"));
            assertThat(answer(socket)).contains("too big");
            send(socket, post("{\"text\":\"again\"}"));
            assertThat(answer(socket)).contains("too big");
        }
        assertThat(proxy.received).isEmpty();
    }

    @Test
    void unknownEndpointPassesAndIsCounted() throws Exception {
        start(true);
        try (SSLSocket socket = proxy.open("chat.test")) {
            send(socket, post("{\"a\":1}").replace("/prompt", "/telemetry"));
            assertThat(answer(socket)).contains("200 OK");
        }
        assertThat(proxy.nextReceived()).contains("/telemetry");
        assertThat(proxy.unmatched).hasValue(1);
        assertThat(proxy.decided).isEmpty();
    }

    @Test
    void unknownEncodingIsDecidedByTheGate() throws Exception {
        start(true);
        try (SSLSocket socket = proxy.open("chat.test")) {
            send(socket, post("zzzz").replace("X-Case", "Content-Encoding: x-odd\r\nX-Case"));
            assertThat(answer(socket)).contains("200 OK");
        }
        assertThat(proxy.decided.getFirst().notInspected())
                .extracting(NotInspected::code)
                .containsExactly("CHP-TLS-010");
    }

    @Test
    void hostThatIsNotOpenedSeesTheServersOwnCertificate() throws Exception {
        start(true);
        assertThatThrownBy(() -> proxy.open("bank.test").close())
                .isInstanceOf(
                        SSLException
                                .class); // the upstream's certificate is for chat.test: its own,
        // unmasked
        assertThat(proxy.proxy().counters())
                .containsEntry("tunnels", 1L)
                .containsEntry("intercepted", 0L);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void upstreamThatClosesIsReadToTheEndByASlowerClient(boolean nativeEngines) throws Exception {
        start(nativeEngines);
        for (int n = 0; n < 3; n++) {
            try (SSLSocket socket = proxy.open("chat.test")) {
                send(socket, "GET /large HTTP/1.1\r\nHost: chat.test\r\n\r\n");
                assertThat(ProxyHarness.length(ProxyHarness.head(socket.getInputStream())))
                        .isEqualTo(ProxyHarness.LARGE);
                assertThat(TunnelTest.readSlowly(socket.getInputStream()))
                        .hasSize(ProxyHarness.LARGE);
            }
        }
    }

    @Test
    void otherAuthorityOnAnOpenedConnectionIsMisdirected() throws Exception {
        start(true);
        try (SSLSocket socket = proxy.open("chat.test")) {
            send(socket, "GET / HTTP/1.1\r\nHost: bank.test\r\n\r\n");
            assertThat(answer(socket)).startsWith("HTTP/1.1 421");
        }
        assertThat(proxy.received).isEmpty();
    }

    @Test
    void absoluteFormInsideTlsIsRecognisedAndArrivesAsItCame() throws Exception {
        start(true);
        String request = post("{\"text\":\"hi\"}").replace("/prompt", "https://chat.test/prompt");
        try (SSLSocket socket = proxy.open("chat.test")) {
            send(socket, request);
            assertThat(answer(socket)).contains("200 OK");
            assertThat(proxy.nextReceived()).isEqualTo(request);
            assertThat(proxy.decided).hasSize(1);
            send(socket, request.replace("https://chat.test/", "https://bank.test/"));
            assertThat(answer(socket)).startsWith("HTTP/1.1 421");
        }
    }

    @Test
    void helloForAnotherNameThanConnectIsRefused() throws Exception {
        start(true);
        try (Socket raw = proxy.connect()) {
            send(raw, "CONNECT chat.test:443 HTTP/1.1\r\n\r\n");
            assertThat(ProxyHarness.head(raw.getInputStream())).contains("200");
            SSLSocket tls =
                    (SSLSocket)
                            javax.net.ssl.SSLContext.getDefault()
                                    .getSocketFactory()
                                    .createSocket(raw, "bank.test", 443, true);
            assertThatThrownBy(tls::startHandshake).hasMessageContaining("unrecognized_name");
        }
    }

    @Test
    void clientThatDoesNotTrustUsIsNotedAndOneThatJustClosesIsNot() throws Exception {
        start(true);
        try (Socket raw = proxy.connect()) {
            send(raw, "CONNECT chat.test:443 HTTP/1.1\r\n\r\n");
            assertThat(ProxyHarness.head(raw.getInputStream())).contains("200");
            SSLSocket tls =
                    (SSLSocket)
                            javax.net.ssl.SSLContext.getDefault()
                                    .getSocketFactory()
                                    .createSocket(raw, "chat.test", 443, true);
            assertThatThrownBy(tls::startHandshake).isInstanceOf(SSLException.class);
        }
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (proxy.failures.isEmpty() && System.nanoTime() < until) {
            Thread.onSpinWait(); // the alert is on its way through the socket
        }
        assertThat(proxy.failures).containsExactly("CHP-TLS-001");
        try (Socket raw = proxy.connect()) {
            send(raw, "CONNECT chat.test:443 HTTP/1.1\r\n\r\n");
            assertThat(ProxyHarness.head(raw.getInputStream())).contains("200");
        }
        try (SSLSocket socket = proxy.open("chat.test")) {
            send(socket, post("{\"text\":\"hi\"}"));
            assertThat(answer(socket)).contains("200 OK");
        }
        assertThat(proxy.failures).hasSize(1);
    }

    @Test
    void onlyUnknownProtocolsGetTheirAlert() throws Exception {
        start(true);
        assertThatThrownBy(() -> proxy.open("chat.test", "smtp"))
                .hasMessageContaining("no_application_protocol");
    }

    @Test
    void protocolOfTheUpstreamIsMirrored() throws Exception {
        start(true);
        try (SSLSocket socket = proxy.open("chat.test", "h2", "http/1.1")) {
            assertThat(socket.getApplicationProtocol()).isEmpty(); // the upstream speaks no ALPN
            send(socket, post("{\"text\":\"hi\"}"));
            assertThat(answer(socket)).contains("200 OK");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n\r\n",
                "POST /admin HTTP/1.1\r\nContent-Length: 0\r\n\r\n"
            })
    void originFormIsNotFound(String request) throws Exception {
        start(true);
        try (Socket raw = proxy.connect()) {
            send(raw, request);
            assertThat(answer(raw)).startsWith("HTTP/1.1 404");
        }
    }

    @Test
    void pacNamesOnlyOpenedHosts() throws Exception {
        start(true);
        try (Socket raw = proxy.connect()) {
            send(raw, "GET /proxy.pac HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(answer(raw))
                    .contains("\"chat.test\": 1")
                    .contains(
                            "\"PROXY 127.0.0.1:"
                                    + proxy.proxy().address().getPort()
                                    + "\" + \"; \" + otherwise")
                    .doesNotContain("bank.test");
        }
    }

    @Test
    void connectToTheProxyItselfIsRefused() throws Exception {
        start(true);
        try (Socket raw = proxy.connect()) {
            send(
                    raw,
                    "CONNECT 127.0.0.1:" + proxy.proxy().address().getPort() + " HTTP/1.1\r\n\r\n");
            assertThat(answer(raw)).startsWith("HTTP/1.1 403");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u0016\u0003\u0001garbage",
                "BREW\r\n\r\n",
                "CONNECT chat.test HTTP/1.1\r\n\r\n",
                "CONNECT chat.test:99999 HTTP/1.1\r\n\r\n",
                "CONNECT :443 HTTP/1.1\r\n\r\n",
                "GET /x HTTP/3.0\r\n\r\n"
            })
    void malformedRequestGetsAWellFormedRefusal(String request) throws Exception {
        start(true);
        try (Socket raw = proxy.connect()) {
            raw.setSoTimeout(1000);
            send(raw, request);
            assertThat(answer(raw)).startsWith("HTTP/1.1 400");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /prompt HTTP/1.1\r\nHost: chat.test\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
                "POST /prompt HTTP/1.1\r\nHost: chat.test\r\nContent-Length: -5\r\n\r\n",
                "POST /prompt HTTP/1.1\r\nHost: chat.test\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                "\u0001\u0002\u0003 / HTTP/1.1\r\n\r\n"
            })
    void malformedMessageInsideTlsEndsWithinASecondAndTheNextConnectionIsUnharmed(String message)
            throws Exception {
        start(true);
        try (SSLSocket socket = proxy.open("chat.test")) {
            socket.setSoTimeout(1000);
            send(socket, message);
            byte[] answer = socket.getInputStream().readAllBytes();
            assertThat(new String(answer, java.nio.charset.StandardCharsets.US_ASCII))
                    .matches("(?s)(HTTP/1.1 400 .*)?");
        }
        assertThat(proxy.received).isEmpty();
        try (SSLSocket socket = proxy.open("chat.test")) {
            send(socket, post("{\"text\":\"hi\"}"));
            assertThat(answer(socket)).contains("200 OK");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bad name: x", "X\u0000: y", "Content-Length : 3", ": y"})
    void requestBehindAMalformedOneGoesNowhere(String field) throws Exception {
        start(true);
        try (SSLSocket socket = proxy.open("chat.test")) {
            send(
                    socket,
                    "GET /a HTTP/1.1\r\nHost: chat.test\r\n"
                            + field
                            + "\r\n\r\n"
                            + post("{\"text\":\"hi\"}"));
            assertThat(new String(socket.getInputStream().readAllBytes(), US_ASCII))
                    .startsWith("HTTP/1.1 400")
                    .doesNotContain("200 OK");
        }
        assertThat(proxy.received).isEmpty();
        assertThat(proxy.failures).containsExactly("CHP-IN-001");
    }

    @Test
    void secondHostFieldIsMisdirected() throws Exception {
        start(true);
        try (SSLSocket socket = proxy.open("chat.test")) {
            send(socket, "GET / HTTP/1.1\r\nHost: chat.test\r\nHost: bank.test\r\n\r\n");
            assertThat(answer(socket)).startsWith("HTTP/1.1 421");
        }
        assertThat(proxy.received).isEmpty();
        assertThat(proxy.failures).containsExactly("CHP-IN-002");
    }

    @Test
    void stopGivesHeldRequestsTheirFailVerdict() throws Exception {
        start(true);
        CountDownLatch holding = new CountDownLatch(1);
        proxy.gate =
                (_, _) -> {
                    holding.countDown();
                    new CountDownLatch(1).await();
                    return new Verdict.Forward();
                };
        try (SSLSocket socket = proxy.open("chat.test")) {
            send(socket, post("{\"text\":\"hi\"}"));
            assertThat(holding.await(5, TimeUnit.SECONDS)).isTrue();
            Thread.ofVirtual().start(() -> proxy.proxy().close());
            assertThat(answer(socket)).contains("CHP-GATE-003");
        }
        assertThat(proxy.received).isEmpty();
    }
}
