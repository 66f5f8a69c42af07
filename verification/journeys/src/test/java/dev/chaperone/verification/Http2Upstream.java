// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import dev.chaperone.pki.DeviceRoot;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/**
 * A stand-in for one host that speaks HTTP/2 only, on JDK sockets. It records what comes out of TLS
 * below any parser, and each request before it is answered.
 */
final class Http2Upstream implements Closeable {
    /** As OpenAI and as Anthropic would say it. */
    private static final byte[] ANSWER =
            ("{\"id\":\"1\",\"model\":\"m\",\"type\":\"message\",\"content\":[{\"type\":\"text\",\"text\":\"ok\"}],"
                            + "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"ok\"}}]}")
                    .getBytes(StandardCharsets.US_ASCII);

    private final SSLServerSocket listener;
    private final BlockingQueue<LeakPath.Arrived> arrived = new LinkedBlockingQueue<>();
    private final Recorder recorder = new Recorder();

    /** Starts listening on a free port of loopback, with a certificate of {@code root}'s. */
    Http2Upstream(String host, DeviceRoot root) throws GeneralSecurityException, IOException {
        listener = UpstreamTls.listen(host, root);
        SSLParameters parameters = listener.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        listener.setSSLParameters(parameters);
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** The next request that came whole or was given up; nothing when none does within a second. */
    LeakPath.Arrived next() throws InterruptedException {
        LeakPath.Arrived next = arrived.poll(1, TimeUnit.SECONDS);
        return next == null ? LeakPath.Arrived.NOTHING : next;
    }

    /** What came out of TLS since the start, all connections. */
    byte[] everything() {
        return recorder.everything();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                SSLSocket socket = (SSLSocket) listener.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(SSLSocket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            Http2Connection connection =
                    Http2Connection.server(
                            recorder.on(socket.getInputStream()), socket.getOutputStream());
            while (true) {
                Http2Connection.Message request = connection.read();
                arrived.add(new LeakPath.Arrived(recorder.fresh(), request.head(), request.body()));
                if (!request.reset()) {
                    connection.send(
                            request.stream(),
                            new String[] {":status", "200", "content-type", "application/json"},
                            ANSWER,
                            new Random(request.stream()));
                }
            }
        } catch (IOException e) {
            // The agent went away.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }

    /** Keeps every byte that is read, for the request at hand and for good. Thread-safe. */
    private static final class Recorder {
        private final ByteArrayOutputStream all = new ByteArrayOutputStream();
        private int told;

        InputStream on(InputStream in) {
            return new FilterInputStream(in) {
                @Override
                public int read() throws IOException {
                    byte[] one = new byte[1];
                    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
                }

                @Override
                public int read(byte[] buffer, int off, int len) throws IOException {
                    int n = super.read(buffer, off, len);
                    keep(buffer, off, n);
                    return n;
                }
            };
        }

        private synchronized void keep(byte[] buffer, int off, int n) {
            if (n > 0) {
                all.write(buffer, off, n);
            }
        }

        /** What came since the last time this was asked. */
        synchronized byte[] fresh() {
            byte[] bytes = all.toByteArray();
            int from = told;
            told = bytes.length;
            return java.util.Arrays.copyOfRange(bytes, from, bytes.length);
        }

        synchronized byte[] everything() {
            return all.toByteArray();
        }
    }
}
