// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import dev.chaperone.pki.DeviceRoot;
import dev.chaperone.pki.Pem;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/**
 * A stand-in for one host that takes WebSockets (RFC 6455) and only listens: frames are read by
 * hand, never by the codec under test.
 */
final class WebSocketUpstream implements Closeable {
    /** What arrives in place of a frame's payload. */
    static final String PING = "<ping>";

    static final String CLOSE = "<close>";
    static final String GONE = "<gone>";

    private static final int TEXT_FRAME = 1;
    private static final int CLOSE_FRAME = 8;
    private static final int PING_FRAME = 9;

    private final BlockingQueue<String> arrived = new LinkedBlockingQueue<>();
    private final SSLServerSocket listener;
    private final Path ca;

    WebSocketUpstream(Path folder, String host) throws Exception {
        DeviceRoot root = DeviceRoot.create("WebSocket stand-in CA", Instant.now());
        ca = Files.writeString(folder.resolve("websocket-ca.pem"), Pem.encode(root.certificate()));
        listener = UpstreamTls.listen(host, root);
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    Path ca() {
        return ca;
    }

    /** The next text message, or {@link #PING}, {@link #CLOSE} or {@link #GONE}. */
    String next() throws InterruptedException {
        String next = arrived.poll(10, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("nothing arrived");
        }
        return next;
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
            DataInputStream in = new DataInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            String ignored = AgentUnderTest.head(in);
            out.write( // the accept value is that of WebSocketClient's key (RFC 6455 §1.3)
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            out.flush();
            while (true) {
                arrived.add(frame(in));
            }
        } catch (IOException e) {
            arrived.add(GONE);
        }
    }

    /** Reads one whole, masked frame; nobody here sends more than 64 KiB or in fragments. */
    private static String frame(DataInputStream in) throws IOException {
        int opcode = in.readUnsignedByte() & 15;
        int length = in.readUnsignedByte() & 127;
        length = length == 126 ? in.readUnsignedShort() : length;
        byte[] mask = in.readNBytes(4);
        byte[] payload = in.readNBytes(length);
        for (int i = 0; i < payload.length; i++) {
            payload[i] ^= mask[i & 3];
        }
        return switch (opcode) {
            case TEXT_FRAME -> new String(payload, StandardCharsets.UTF_8);
            case PING_FRAME -> PING;
            case CLOSE_FRAME -> CLOSE;
            default -> throw new IOException("opcode " + opcode);
        };
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
