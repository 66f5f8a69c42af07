// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import static dev.chaperone.inspector.conn.ProxyHarness.send;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.chaperone.inspector.TrustProbeHost;
import java.net.Socket;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The host that the proxy answers for itself: our chain, the asked token, nothing recorded. */
class TrustProbeTest {
    private static final String TOKEN = "0123456789abcdef0123456789abcdef01234567";

    @SuppressWarnings("NullAway.Init") // each test starts one
    private ProxyHarness proxy;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        proxy = new ProxyHarness(folder, true, 64 << 10);
    }

    @AfterEach
    void stop() throws Exception {
        proxy.close();
    }

    private String ask(String request) throws Exception {
        try (SSLSocket socket = proxy.open(TrustProbeHost.NAME)) {
            send(socket, request);
            return new String(socket.getInputStream().readAllBytes(), US_ASCII);
        }
    }

    @Test
    void chainIsOurRootsAndNamesThatHostAlone() throws Exception {
        try (SSLSocket socket = proxy.open(TrustProbeHost.NAME)) {
            X509Certificate leaf = (X509Certificate) socket.getSession().getPeerCertificates()[0];
            assertThat(leaf.getIssuerX500Principal().getName()).contains("Chaperone");
            assertThat(leaf.getSubjectAlternativeNames())
                    .singleElement()
                    .isEqualTo(List.of(2, TrustProbeHost.NAME));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    GET  | /T                | HTTP/1.1 200 | # chaperone-trust-probe T
                    GET  | /T/x/y?z=1        | HTTP/1.1 200 | # chaperone-trust-probe T
                    GET  | /T/info/refs?s=g  | HTTP/1.1 200 | refs/heads/trust-probe
                    POST | /T/v1/messages    | HTTP/1.1 400 | "message":"chaperone-trust-probe T"
                    GET  | /                 | HTTP/1.1 404 | no token
                    """)
    void tokenIsRepeatedInTheFormThatTheToolTakes(
            String method, String path, String status, String text) throws Exception {
        String body = method.equals("POST") ? "{}" : "";
        String answer =
                ask(
                        method
                                + " "
                                + path.replace("T", TOKEN)
                                + " HTTP/1.1\r\nHost: x\r\nContent-Length: "
                                + body.length()
                                + "\r\n\r\n"
                                + body);
        assertThat(answer).startsWith(status).contains(text.replace("T", TOKEN));
        assertThat(proxy.received).isEmpty();
        assertThat(proxy.decided).isEmpty();
        assertThat(proxy.failures).isEmpty();
    }

    @Test
    void clientThatDoesNotTrustUsGetsNoAnswerAndIsNoEvent() throws Exception {
        Socket tunnel = proxy.connect();
        String connect = "CONNECT " + TrustProbeHost.NAME + ":443 HTTP/1.1\r\n\r\n";
        tunnel.getOutputStream().write(connect.getBytes(US_ASCII));
        assertThat(ProxyHarness.head(tunnel.getInputStream())).contains(" 200 ");
        try (SSLSocket socket =
                (SSLSocket)
                        ((SSLSocketFactory) SSLSocketFactory.getDefault())
                                .createSocket(tunnel, TrustProbeHost.NAME, 443, true)) {
            assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLException.class);
        }
        assertThat(proxy.failures).isEmpty();
    }
}
