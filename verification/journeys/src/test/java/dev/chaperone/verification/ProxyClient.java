// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import dev.chaperone.pki.Pem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** Opens TLS connections through a proxy port with JDK sockets only. */
record ProxyClient(int port, SSLContext tls) {
    private static final int TIMEOUT_MILLIS = 10_000;

    /** A client that trusts the certificates of these PEM files and no others. */
    static ProxyClient of(int port, Path... trusted) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        int n = 0;
        for (Path file : trusted) {
            for (X509Certificate anchor : Pem.decodeAll(Files.readString(file))) {
                store.setCertificateEntry("a" + n++, anchor);
            }
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return new ProxyClient(port, context);
    }

    /** CONNECT and a verified handshake, with this ALPN offer or none. */
    SSLSocket open(String host, String... alpn) throws IOException {
        Socket raw = plain();
        raw.getOutputStream()
                .write(
                        ("CONNECT " + host + ":443 HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
        AgentUnderTest.head(raw.getInputStream());
        SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket(raw, host, 443, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        parameters.setApplicationProtocols(alpn);
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    /** A connection to the proxy port itself. */
    Socket plain() throws IOException {
        Socket raw = new Socket(InetAddress.getLoopbackAddress(), port);
        raw.setSoTimeout(TIMEOUT_MILLIS);
        raw.setTcpNoDelay(true); // tests send in pieces
        return raw;
    }
}
