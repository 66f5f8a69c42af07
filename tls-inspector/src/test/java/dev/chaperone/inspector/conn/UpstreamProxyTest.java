// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.chaperone.inspector.UpstreamProxy;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections leave by the company's proxy, and one that is no good is explained to the client. */
class UpstreamProxyTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private ProxyHarness harness(CompanyProxy company, boolean nativeEngines) throws Exception {
        ProxyHarness proxy =
                new ProxyHarness(
                        folder,
                        nativeEngines,
                        new UpstreamProxy("127.0.0.1", company.port(), List.of()));
        company.to = proxy.upstreamPort();
        return proxy;
    }

    private static String prompt(SSLSocket socket) throws Exception {
        ProxyHarness.send(socket, ProxyHarness.post("{\"text\":\"hi\"}"));
        return ProxyHarness.answer(socket);
    }

    /** The answer to CONNECT, and the socket is the test's from then on. */
    private static String connect(Socket socket, String authority) throws Exception {
        socket.getOutputStream()
                .write(
                        ("CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n\r\n")
                                .getBytes(StandardCharsets.ISO_8859_1));
        return ProxyHarness.head(socket.getInputStream());
    }

    @ParameterizedTest
    @CsvSource({"true,true", "true,false", "false,true", "false,false"})
    void inspectedAndBlindConnectionsLeaveByIt(boolean nativeEngines, boolean inSingleBytes)
            throws Exception {
        try (CompanyProxy company = new CompanyProxy();
                ProxyHarness proxy = harness(company, nativeEngines)) {
            company.inSingleBytes = inSingleBytes;
            try (SSLSocket socket = proxy.open("chat.test")) {
                assertThat(prompt(socket)).startsWith("HTTP/1.1 200").contains("\"ok\"");
            }
            // The service's own certificate, which is chat.test's: nobody opened it.
            assertThatThrownBy(() -> proxy.open("bank.test").close())
                    .hasMessageContaining("bank.test");
            assertThat(proxy.decided).hasSize(1);
            assertThat(company.asked)
                    .containsExactly(
                            "CONNECT chat.test:443 HTTP/1.1\r\nHost: chat.test:443\r\n\r\n",
                            "CONNECT bank.test:443 HTTP/1.1\r\nHost: bank.test:443\r\n\r\n");
            InetSocketAddress there =
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), company.port());
            assertThat(company.from)
                    .allMatch(agent -> proxy.proxy().ownConnections().contains(agent, there));
        }
    }

    @Test
    void proxyWhoseFirstAddressIsDeadIsReachedByItsSecond() throws Exception {
        try (CompanyProxy company = new CompanyProxy();
                ProxyHarness proxy =
                        new ProxyHarness(
                                folder,
                                true,
                                new UpstreamProxy(TwoAddresses.NAME, company.port(), List.of()))) {
            company.to = proxy.upstreamPort();
            try (SSLSocket socket = proxy.open("chat.test")) {
                assertThat(prompt(socket)).startsWith("HTTP/1.1 200");
            }
            assertThat(company.asked).hasSize(1);
        }
    }

    @Test
    void hostOfTheBypassGoesPastIt() throws Exception {
        try (CompanyProxy company = new CompanyProxy();
                ProxyHarness proxy =
                        new ProxyHarness(
                                folder,
                                true,
                                new UpstreamProxy(
                                        "127.0.0.1", company.port(), List.of(TwoAddresses.NAME)));
                ServerSocket service = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                Socket client = proxy.connect()) {
            assertThat(connect(client, TwoAddresses.NAME + ":" + service.getLocalPort()))
                    .startsWith("HTTP/1.1 200");
            service.setSoTimeout(10_000);
            try (Socket arrived = service.accept()) {
                client.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
                assertThat(arrived.getInputStream().readNBytes(5))
                        .asString(StandardCharsets.US_ASCII)
                        .isEqualTo("hello");
            }
            assertThat(company.asked).isEmpty();
        }
    }

    /** A service that speaks first: its bytes come in one read with the proxy's answer. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void bytesBehindTheAnswerAreTheServices(boolean nativeEngines) throws Exception {
        try (CompanyProxy company = new CompanyProxy();
                ProxyHarness proxy = harness(company, nativeEngines);
                Socket socket = proxy.connect()) {
            company.to = 0;
            company.answer = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n220 ready\r\n";
            assertThat(connect(socket, "mail.test:25")).startsWith("HTTP/1.1 200");
            assertThat(socket.getInputStream().readNBytes(11))
                    .asString(StandardCharsets.US_ASCII)
                    .isEqualTo("220 ready\r\n");
        }
    }

    static List<String[]> faults() {
        return List.of(
                new String[] {"HTTP/1.1 403 Forbidden\r\n\r\n", "CHP-UP-007", "status 403"},
                new String[] {
                    "HTTP/1.1 407 X\r\nProxy-Authenticate: Basic\r\n\r\n", "CHP-UP-007", "sign-in"
                },
                new String[] {
                    "HTTP/1.1 502 X\r\nContent-Length: 99\r\n\r\n<b>", "CHP-UP-007", "status 502"
                },
                new String[] {
                    "HTTP/1.1 100 X\r\n\r\nHTTP/1.0 503\r\n\r\n", "CHP-UP-007", "status 503"
                },
                new String[] {"", "CHP-UP-006", "ended the connection"},
                new String[] {"HTTP/1.1 403 X\r\nX: ", "CHP-UP-006", "ended the connection"},
                new String[] {"SSH-2.0-x\r\n", "CHP-UP-006", "not HTTP"},
                new String[] {"HTTP/1.1 OK\r\n\r\n", "CHP-UP-006", "not HTTP"},
                new String[] {"\u0015\u0003\u0003\u0000\u0002\u0002\n", "CHP-UP-006", "not HTTP"},
                new String[] {
                    "HTTP/1.1 200 OK\r\nX: " + "x".repeat(1 << 20), "CHP-UP-006", "too long"
                });
    }

    @ParameterizedTest
    @MethodSource("faults")
    void faultIsExplained(String answer, String code, String text) throws Exception {
        try (CompanyProxy company = new CompanyProxy();
                ProxyHarness proxy = harness(company, true)) {
            company.answer = answer;
            explained(proxy, code, text);
        }
    }

    @Test
    void proxyThatIsNotThereIsExplained() throws Exception {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        try (ProxyHarness proxy =
                new ProxyHarness(folder, true, new UpstreamProxy("127.0.0.1", free, List.of()))) {
            explained(proxy, "CHP-UP-006", "cannot be reached");
        }
    }

    @Test
    void proxyThatSaysNothingIsExplained() throws Exception {
        try (CompanyProxy company = new CompanyProxy();
                ProxyHarness proxy = harness(company, true);
                Socket blind = proxy.connect()) {
            company.silent = true;
            assertThat(connect(blind, "bank.test:443")).startsWith("HTTP/1.1 502");
            assertThat(new String(blind.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .contains("does not answer", "CHP-UP-006");
        }
    }

    private static void explained(ProxyHarness proxy, String code, String text) throws Exception {
        try (SSLSocket socket = proxy.open("chat.test")) {
            assertThat(prompt(socket))
                    .startsWith("HTTP/1.1 502")
                    .containsIgnoringCase("x-should-retry: false")
                    .contains("\"code\":\"" + code + "\"", "the company's proxy", text);
        }
        try (Socket blind = proxy.connect()) {
            assertThat(connect(blind, "bank.test:443")).startsWith("HTTP/1.1 502");
            assertThat(new String(blind.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .contains("the company's proxy", text, code);
        }
        assertThat(proxy.failures).contains(code);
        assertThat(proxy.received).isEmpty();
    }

    /** CONNECT to port 80 is refused by most proxies (squid's default among them). */
    @Test
    void plainRequestIsInAbsoluteForm() throws Exception {
        try (CompanyProxy company = new CompanyProxy();
                ProxyHarness proxy = harness(company, true);
                Socket socket = proxy.connect()) {
            company.answer = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
            socket.getOutputStream()
                    .write(
                            "GET http://bank.test/a?b HTTP/1.1\r\nHost: bank.test\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
            assertThat(ProxyHarness.head(socket.getInputStream())).startsWith("HTTP/1.1 404");
            assertThat(company.asked)
                    .singleElement()
                    .asString()
                    .startsWith("GET http://bank.test/a?b HTTP/1.1\r\n");
        }
    }

    /** A client that writes a line of its own into the request to the company's proxy. */
    @Test
    void hostThatIsNoneGoesNowhere() throws Exception {
        try (CompanyProxy company = new CompanyProxy();
                ProxyHarness proxy = harness(company, true);
                Socket socket = proxy.connect()) {
            assertThat(connect(socket, "bank.test\rX-Evil:443")).startsWith("HTTP/1.1 502");
            assertThat(company.asked).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "intranet,false",
        "INTRANET,false",
        "corp.test,false",
        "a.Corp.test,false",
        "notcorp.test,true",
        "corp.test.evil,true",
        "x.lab.test,false",
        "localhost,false",
        "127.0.0.9,false",
        "::1,false",
        "fd00::1,true",
        "chat.test,true",
        "10.0.0.1,true"
    })
    void whoGoesPastIt(String host, boolean leads) {
        UpstreamProxy proxy =
                new UpstreamProxy("p", 3128, List.of("<local>", "Corp.test", "*.lab.test"));
        assertThat(proxy.leadsTo(host)).isEqualTo(leads);
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 403 No\r\n\r\nrest", "noise", "HTTP/1.1 200 OK\r\nX: "})
    void nothingOfARefusalIsKept(String start) {
        Promise<Channel> opened = ImmediateEventExecutor.INSTANCE.newPromise();
        EmbeddedChannel channel =
                new EmbeddedChannel(
                        new ConnectTunnel(
                                "chat.test",
                                443,
                                new ChannelInboundHandlerAdapter(),
                                Duration.ofSeconds(5),
                                opened));
        ReferenceCountUtil.release(channel.readOutbound());
        ByteBuf answer = Unpooled.buffer(1 << 20);
        answer.writeCharSequence(start, StandardCharsets.US_ASCII);
        answer.writeZero((1 << 20) - start.length());
        channel.writeInbound(answer);
        channel.runPendingTasks();
        assertThat(opened.cause()).isInstanceOf(ProxyRefusedException.class);
        assertThat(channel.isOpen()).isFalse();
        assertThat(answer.refCnt()).isZero();
        assertThat(channel.<Object>readInbound()).isNull();
    }
}
