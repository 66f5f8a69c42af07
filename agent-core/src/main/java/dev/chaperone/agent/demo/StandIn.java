// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.demo;

import dev.chaperone.agent.os.LinuxClientProcesses;
import dev.chaperone.inspector.conn.ClientProcesses;
import java.io.BufferedInputStream;
import java.io.BufferedWriter;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/**
 * A stand-in for AI services, as a process of its own: TLS on JDK sockets, never the codecs under
 * test. It logs every byte it receives below any parser, one line a connection, and talks to one
 * process only: the agent.
 *
 * <p>Usage: {@code StandIn FOLDER}; prints {@code stand-in: ready on PORT}. Writes {@code
 * FOLDER/ca.pem} and {@code FOLDER/received.log} ({@code NUMBER BASE64} a line, appended when a
 * connection ends or a request is answered).
 */
public final class StandIn implements AutoCloseable {
    private final Path log;
    private final Path agentPid;
    private final ClientProcesses processes = LinuxClientProcesses.forThisSystem();
    private final AtomicInteger connections = new AtomicInteger();
    private final int port;
    private final SSLServerSocket listener;
    private final Consumer<byte[]> heard;

    /**
     * Starts listening on a free port of loopback.
     *
     * @param folder where {@code ca.pem} and {@code received.log} are written; where {@code
     *     agent.pid} may name the only process that is talked to
     * @param listener told of the bytes of each request as they arrived, on the connection's thread
     */
    public StandIn(Path folder, Consumer<byte[]> listener)
            throws IOException, GeneralSecurityException {
        this.log = folder.resolve("received.log");
        this.agentPid = folder.resolve("agent.pid");
        this.heard = listener;
        Files.writeString(log, "");
        this.listener =
                (SSLServerSocket)
                        StandInTls.make(folder.resolve("ca.pem"))
                                .getServerSocketFactory()
                                .createServerSocket(0, 128, InetAddress.getLoopbackAddress());
        this.port = this.listener.getLocalPort();
    }

    public static void main(String[] args) throws Exception {
        StandIn standIn = new StandIn(Path.of(args[0]), _ -> {});
        System.out.println("stand-in: ready on " + standIn.port);
        System.out.flush();
        standIn.serve();
    }

    public int port() {
        return port;
    }

    /** Accepts until {@link #close}. */
    public void serve() {
        while (!listener.isClosed()) {
            try {
                SSLSocket socket = (SSLSocket) listener.accept();
                Thread.ofVirtual().start(() -> connection(socket));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }

    private void connection(SSLSocket socket) {
        Recorder recorder = new Recorder(connections.incrementAndGet());
        try (socket) {
            if (!fromAgent(socket)) {
                return;
            }
            socket.setTcpNoDelay(true);
            socket.startHandshake();
            InputStream in =
                    new BufferedInputStream(recorder.tee(socket.getInputStream()), 1 << 16);
            OutputStream out = socket.getOutputStream();
            while (StandInHttp.exchange(in, out)) {
                recorder.write();
            }
        } catch (IOException e) {
            // The peer went away; what it sent is in the log.
        } finally {
            recorder.write();
        }
    }

    /** Whoever is not the agent bypasses it: the demonstration would prove nothing. */
    private boolean fromAgent(SSLSocket socket) throws IOException {
        if (!Files.exists(agentPid)) {
            return true;
        }
        long expected = Long.parseLong(Files.readString(agentPid).strip());
        long pid =
                processes
                        .owner(
                                (InetSocketAddress) socket.getRemoteSocketAddress(),
                                (InetSocketAddress) socket.getLocalSocketAddress())
                        .pid();
        return pid < 0 || pid == expected || expected == 0;
    }

    /** Keeps what was received and appends it to the log. */
    private final class Recorder {
        private final int number;
        private final java.io.ByteArrayOutputStream received = new java.io.ByteArrayOutputStream();

        Recorder(int number) {
            this.number = number;
        }

        InputStream tee(InputStream in) {
            return new FilterInputStream(in) {
                @Override
                public int read() throws IOException {
                    int b = super.read();
                    if (b >= 0) {
                        received.write(b);
                    }
                    return b;
                }

                @Override
                public int read(byte[] buffer, int off, int len) throws IOException {
                    int n = super.read(buffer, off, len);
                    if (n > 0) {
                        received.write(buffer, off, n);
                    }
                    return n;
                }
            };
        }

        void write() {
            if (received.size() == 0) {
                return;
            }
            heard.accept(received.toByteArray());
            synchronized (StandIn.this) {
                try (BufferedWriter out =
                        Files.newBufferedWriter(log, java.nio.file.StandardOpenOption.APPEND)) {
                    out.write(
                            number
                                    + " "
                                    + Base64.getEncoder().encodeToString(received.toByteArray())
                                    + "\n");
                } catch (IOException e) {
                    System.err.println("stand-in: the log cannot be written");
                }
            }
            received.reset();
        }
    }
}
