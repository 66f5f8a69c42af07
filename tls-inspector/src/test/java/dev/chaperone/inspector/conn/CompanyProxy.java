// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A proxy of a company on JDK sockets, as good or bad as a test wants it. */
final class CompanyProxy implements AutoCloseable {
    static final String ESTABLISHED = "HTTP/1.1 200 Connection established\r\n\r\n";

    /** Heads of the requests. */
    final List<String> asked = new CopyOnWriteArrayList<>();

    /** Where they came from. */
    final List<InetSocketAddress> from = new CopyOnWriteArrayList<>();

    /** What CONNECT is answered with; after 2xx the tunnel goes to {@link #to}, if that is set. */
    volatile String answer = ESTABLISHED;

    /** Port of the service that stands for all; 0 for none. */
    volatile int to;

    volatile boolean inSingleBytes;

    /** Says nothing and keeps the connection. */
    volatile boolean silent;

    private final ServerSocket listener;

    CompanyProxy() throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            String head = ProxyHarness.head(socket.getInputStream());
            from.add((InetSocketAddress) socket.getRemoteSocketAddress());
            asked.add(head);
            if (silent) {
                socket.getInputStream().transferTo(OutputStream.nullOutputStream());
                return;
            }
            byte[] bytes = answer.getBytes(StandardCharsets.ISO_8859_1);
            OutputStream out = socket.getOutputStream();
            for (int i = 0; inSingleBytes && i < bytes.length; i++) {
                out.write(bytes[i]);
                out.flush();
            }
            out.write(bytes, 0, inSingleBytes ? 0 : bytes.length);
            if (answer.startsWith("HTTP/1.1 2") && to != 0) {
                tunnel(socket);
            } else if (answer.startsWith("HTTP/1.1 2")) {
                socket.getInputStream().transferTo(OutputStream.nullOutputStream());
            }
        } catch (IOException e) {
            // The agent went away.
        }
    }

    private void tunnel(Socket client) throws IOException {
        try (Socket service = new Socket(InetAddress.getLoopbackAddress(), to)) {
            service.setTcpNoDelay(true);
            Thread up = Thread.ofVirtual().start(() -> copy(client, service));
            InputStream in = service.getInputStream();
            in.transferTo(client.getOutputStream());
            client.close();
            up.interrupt();
        }
    }

    private static void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            // One of the two went away.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
