// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.pki.DeviceRoot;
import dev.chaperone.pki.Pem;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a service says when nobody asked is no answer to the next request (RFC 9112 §9.2): the
 * connection ends instead.
 */
class UnaskedAnswerTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String STALE = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstale";

    private final CountDownLatch answered = new CountDownLatch(1);

    @SuppressWarnings("NullAway.Init") // set before each test
    private SSLServerSocket upstream;

    @SuppressWarnings("NullAway.Init")
    private ProxyHarness proxy;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        DeviceRoot root = DeviceRoot.create("Upstream", Instant.now());
        upstream = ProxyHarness.serverFor(root, List.of("chat.test"));
        proxy =
                new ProxyHarness(
                        true,
                        Files.writeString(folder.resolve("up.pem"), Pem.encode(root.certificate())),
                        upstream.getLocalPort(),
                        DeviceRoot.create("Chaperone", Instant.now()));
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        upstream.close();
    }

    private interface Service {
        void speak(SSLSocket socket) throws IOException, InterruptedException;
    }

    private void serve(Service service) {
        Thread.ofVirtual()
                .start(() -> {
                    try (SSLSocket socket = (SSLSocket) upstream.accept()) {
                        service.speak(socket);
                        socket.getInputStream().transferTo(OutputStream.nullOutputStream());
                    } catch (IOException e) {
                        // the proxy went away
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
    }

    @Test
    void answerBeforeTheFirstRequestEndsTheConnectionAndIsRecorded() throws Exception {
        serve(socket -> ProxyHarness.send(socket, STALE));
        try (SSLSocket socket = proxy.open("chat.test")) {
            assertThat(socket.getInputStream().read()).isNegative();
        }
        assertThat(proxy.failures).containsExactly("CHP-UP-005");
    }

    @Test
    void secondAnswerToOneRequestEndsTheConnection() throws Exception {
        serve(socket -> {
            ProxyHarness.head(socket.getInputStream());
            ProxyHarness.send(socket, OK);
            answered.await();
            ProxyHarness.send(socket, STALE);
        });
        try (SSLSocket socket = proxy.open("chat.test")) {
            ProxyHarness.send(socket, "GET /x HTTP/1.1\r\nHost: chat.test\r\n\r\n");
            assertThat(ProxyHarness.answer(socket)).endsWith("ok");
            answered.countDown();
            assertThat(socket.getInputStream().read()).isNegative();
        }
        assertThat(proxy.failures).isEmpty();
    }
}
