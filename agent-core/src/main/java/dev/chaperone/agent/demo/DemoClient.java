// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.demo;

import dev.chaperone.pki.Pem;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * The demonstration's client, a process of its own: sends the authored bytes through the proxy on
 * JDK sockets.
 *
 * <p>Usage: {@code DemoClient PROXY_PORT SEED CA_PEM…}; for each exchange number on standard input
 * one line on standard output: {@code NUMBER STATUS ISSUER TEXT}, tab separated, TEXT without line
 * ends.
 */
public final class DemoClient {
    private static final int ANSWER_MILLIS = 8000;

    private final int proxyPort;
    private final SSLContext tls;

    private DemoClient(int proxyPort, SSLContext tls) {
        this.proxyPort = proxyPort;
        this.tls = tls;
    }

    public static void main(String[] args) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (int i = 2; i < args.length; i++) {
            for (X509Certificate anchor : Pem.decodeAll(Files.readString(Path.of(args[i])))) {
                store.setCertificateEntry("ca" + i, anchor);
            }
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, trust.getTrustManagers(), null);
        DemoClient client = new DemoClient(Integer.parseInt(args[0]), tls);
        List<DemoExchange> exchanges = DemoExchanges.of(Long.parseLong(args[1]));
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String line;
        while ((line = in.readLine()) != null) {
            System.out.println(client.run(exchanges.get(Integer.parseInt(line.strip()) - 1)));
            System.out.flush();
        }
    }

    private String run(DemoExchange exchange) {
        try (Socket raw = new Socket(InetAddress.getLoopbackAddress(), proxyPort)) {
            raw.setSoTimeout(ANSWER_MILLIS);
            raw.getOutputStream()
                    .write(
                            ("CONNECT "
                                            + exchange.host()
                                            + ":443 HTTP/1.1\r\nHost: "
                                            + exchange.host()
                                            + ":443\r\n\r\n")
                                    .getBytes(StandardCharsets.US_ASCII));
            String status = StandInHttp.line(raw.getInputStream());
            String header = status;
            while (header != null && !header.isEmpty()) {
                header = StandInHttp.line(raw.getInputStream());
            }
            if (status == null || !status.contains(" 200 ")) {
                return exchange.id() + "\t0\t\tCONNECT refused";
            }
            SSLSocket socket =
                    (SSLSocket)
                            tls.getSocketFactory().createSocket(raw, exchange.host(), 443, true);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            X509Certificate[] chain = (X509Certificate[]) socket.getSession().getPeerCertificates();
            String issuer = chain[0].getIssuerX500Principal().getName();
            OutputStream out = socket.getOutputStream();
            out.write(exchange.request());
            out.flush();
            InputStream in = new BufferedInputStream(socket.getInputStream());
            String answer = exchange.webSocket() ? webSocket(exchange, in, out) : http(in);
            return exchange.id()
                    + "\t"
                    + answer.substring(0, 3)
                    + "\t"
                    + issuer
                    + "\t"
                    + answer.substring(3).replace('\n', ' ').replace('\r', ' ').replace('\t', ' ');
        } catch (IOException e) {
            return exchange.id() + "\t0\t\t" + e.getClass().getSimpleName();
        }
    }

    /** Status in three digits, then the body. */
    private static String http(InputStream in) throws IOException {
        String status = StandInHttp.line(in);
        if (status == null) {
            throw new IOException("no answer");
        }
        int length = 0;
        boolean chunked = false;
        String header;
        while ((header = StandInHttp.line(in)) != null && !header.isEmpty()) {
            String lower = header.toLowerCase(Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                length = Integer.parseInt(lower.substring(15).strip());
            }
            chunked |= lower.equals("transfer-encoding: chunked");
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (chunked) {
            int n = Integer.parseInt(String.valueOf(StandInHttp.line(in)), 16);
            body.writeBytes(in.readNBytes(n));
            StandInHttp.line(in);
            chunked = n > 0;
        }
        body.writeBytes(in.readNBytes(length));
        return status.substring(9, 12) + body.toString(StandardCharsets.UTF_8);
    }

    private static String webSocket(DemoExchange exchange, InputStream in, OutputStream out)
            throws IOException {
        String status = StandInHttp.line(in);
        String header = status;
        while (header != null && !header.isEmpty()) {
            header = StandInHttp.line(in);
        }
        if (status == null || !status.contains(" 101 ")) {
            return String.valueOf(status).substring(9, 12) + "no WebSocket";
        }
        for (String message : exchange.messages()) {
            WebSocketBytes.writeText(out, message, true);
        }
        StringBuilder answers = new StringBuilder("101");
        String answer;
        while ((answer = WebSocketBytes.readText(in)) != null) {
            answers.append(answer);
            if (answer.contains("\"done\"") || answer.contains("\"type\":3")) {
                return answers.toString();
            }
        }
        return answers.toString();
    }
}
