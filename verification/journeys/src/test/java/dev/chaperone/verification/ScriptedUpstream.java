// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import dev.chaperone.pki.DeviceRoot;
import dev.chaperone.pki.Pem;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/**
 * A stand-in for one host, HTTP/1.1 on JDK sockets, whose event streams a test writes: each event
 * is a chunk and a TLS record of its own.
 */
final class ScriptedUpstream implements Closeable {
    /** Bodies of the requests as they arrived. */
    final BlockingQueue<String> received = new LinkedBlockingQueue<>();

    private final SSLServerSocket listener;
    private final Path ca;
    private final Function<String, List<String>> answer;

    /**
     * @param answer a request's body to the events of its answer
     */
    ScriptedUpstream(Path folder, String host, Function<String, List<String>> answer)
            throws Exception {
        this.answer = answer;
        DeviceRoot root = DeviceRoot.create("Upstream", Instant.now());
        ca = Files.writeString(folder.resolve("scripted-ca.pem"), Pem.encode(root.certificate()));
        listener = UpstreamTls.listen(host, root);
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    Path ca() {
        return ca;
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
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            while (true) {
                String head = AgentUnderTest.head(in).toLowerCase(Locale.ROOT);
                int at = head.indexOf("content-length:");
                int length =
                        at < 0
                                ? 0
                                : Integer.parseInt(
                                        head.substring(at + 15, head.indexOf('\r', at)).strip());
                String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
                received.add(body);
                out.write(
                        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
                                .getBytes(StandardCharsets.US_ASCII));
                for (String event : answer.apply(body)) {
                    byte[] data = event.getBytes(StandardCharsets.UTF_8);
                    out.write(
                            (Integer.toHexString(data.length) + "\r\n")
                                    .getBytes(StandardCharsets.US_ASCII));
                    out.write(data);
                    out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
                    out.flush();
                }
                out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                out.flush();
            }
        } catch (IOException e) {
            // The agent went away.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
