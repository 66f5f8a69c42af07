// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.pki.DeviceRoot;
import dev.chaperone.pki.Pem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes of hosts that are not opened, over real sockets: any bytes, both ways at once. */
@Timeout(60)
class TunnelTest {
    private static final int BYTES = 6 << 20;

    @TempDir Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void bytesArriveUnchangedBothWaysAtOnceWhoeverReadsLate(boolean epoll) throws Exception {
        DeviceRoot root = DeviceRoot.create("Chaperone", Instant.now());
        try (ServerSocket upstream = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                ProxyHarness proxy =
                        new ProxyHarness(epoll, bundle(), upstream.getLocalPort(), root);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> ends = new ArrayList<>();
            for (int n = 0; n < 4; n++) {
                Socket client = connect(proxy);
                Socket server = upstream.accept();
                ends.add(threads.submit(writer(client, 2 * n)));
                ends.add(threads.submit(writer(server, 2 * n + 1)));
                CountDownLatch first = new CountDownLatch(1);
                boolean serverIsFirst = n % 2 == 0;
                ends.add(threads.submit(reader(server, 2 * n, first, serverIsFirst)));
                ends.add(threads.submit(reader(client, 2 * n + 1, first, !serverIsFirst)));
            }
            for (Future<?> end : ends) {
                end.get(50, TimeUnit.SECONDS);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void serverThatClosesIsReadToTheEndByASlowerClient(boolean epoll) throws Exception {
        DeviceRoot root = DeviceRoot.create("Chaperone", Instant.now());
        byte[] all = new byte[BYTES];
        new Random(7).nextBytes(all);
        try (ServerSocket upstream = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                ProxyHarness proxy =
                        new ProxyHarness(epoll, bundle(), upstream.getLocalPort(), root)) {
            for (int n = 0; n < 3; n++) {
                Socket client = connect(proxy);
                Thread.ofVirtual()
                        .start(() -> {
                            try (Socket server = upstream.accept()) {
                                server.getInputStream().readNBytes(14);
                                server.getOutputStream().write(all);
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        });
                assertThat(readSlowly(client.getInputStream())).isEqualTo(all);
            }
        }
    }

    /** Slower than loopback: hashes everything twice on the way. */
    static byte[] readSlowly(InputStream in) throws Exception {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        MessageDigest digest = MessageDigest.getInstance("SHA-512");
        byte[] piece = new byte[16 << 10];
        for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
            digest.update(piece, 0, n);
            digest.update(piece, 0, n);
            all.write(piece, 0, n);
        }
        return all.toByteArray();
    }

    private Path bundle() throws IOException {
        DeviceRoot other = DeviceRoot.create("Upstream", Instant.now());
        return Files.writeString(folder.resolve("bundle.pem"), Pem.encode(other.certificate()));
    }

    private static Socket connect(ProxyHarness proxy) throws IOException {
        Socket socket = proxy.connect();
        ProxyHarness.send(socket, "CONNECT bank.test:443 HTTP/1.1\r\nHost: bank.test\r\n\r\n");
        assertThat(ProxyHarness.head(socket.getInputStream())).startsWith("HTTP/1.1 200");
        // Not a ClientHello: what is not TLS at all is tunnelled as well.
        ProxyHarness.send(socket, "SSH-2.0-test\r\n");
        return socket;
    }

    /** Sends bytes of a seed in pieces of odd sizes, then half-closes: the other way goes on. */
    private static Callable<Void> writer(Socket socket, int seed) {
        return () -> {
            Random random = new Random(seed);
            byte[] all = new byte[BYTES];
            random.nextBytes(all);
            OutputStream out = socket.getOutputStream();
            for (int at = 0; at < BYTES; ) {
                int n = Math.min(BYTES - at, 1 + random.nextInt(200_000));
                out.write(all, at, n);
                at += n;
            }
            socket.shutdownOutput();
            return null;
        };
    }

    /** Reads and compares; the later of the two starts when the other has everything. */
    private static Callable<Void> reader(
            Socket socket, int seed, CountDownLatch first, boolean isFirst) {
        return () -> {
            if (!isFirst) {
                first.await();
            }
            byte[] expected = new byte[BYTES];
            new Random(seed).nextBytes(expected);
            InputStream in = socket.getInputStream();
            if (seed % 2 == 0) {
                assertThat(new String(in.readNBytes(14), StandardCharsets.US_ASCII))
                        .isEqualTo("SSH-2.0-test\r\n");
            }
            byte[] seen = in.readNBytes(BYTES);
            assertThat(seen.length).as("bytes of %d", seed).isEqualTo(BYTES);
            assertThat(Arrays.mismatch(seen, expected))
                    .as("first difference in %d", seed)
                    .isEqualTo(-1);
            assertThat(in.read()).as("the end").isEqualTo(-1);
            first.countDown();
            return null;
        };
    }
}
