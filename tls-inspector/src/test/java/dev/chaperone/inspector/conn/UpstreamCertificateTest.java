// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.pki.DeviceRoot;
import dev.chaperone.pki.Pem;
import dev.chaperone.pki.ServiceCertificates;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A service whose certificate does not hold is explained to the client and never used. */
class UpstreamCertificateTest {
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(10);

    private final DeviceRoot trusted = DeviceRoot.create("Trusted", Instant.now());
    private final DeviceRoot stranger = DeviceRoot.create("Stranger", Instant.now());
    private final DeviceRoot own = DeviceRoot.create("Chaperone", Instant.now());

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    /** What is wrong with the service's certificate. */
    enum Fault {
        EXPIRED,
        NOT_YET_VALID,
        WRONG_HOST,
        UNTRUSTED,
        OUR_OWN
    }

    private Service service(Fault fault) throws Exception {
        return switch (fault) {
            case EXPIRED ->
                    new Service(trusted, "chat.test", Instant.now().minus(Duration.ofDays(80)));
            case NOT_YET_VALID ->
                    new Service(trusted, "chat.test", Instant.now().plus(Duration.ofDays(9)));
            case WRONG_HOST -> new Service(trusted, "bank.test", Instant.now());
            case UNTRUSTED -> new Service(stranger, "chat.test", Instant.now());
            case OUR_OWN -> new Service(own, "chat.test", Instant.now());
        };
    }

    @ParameterizedTest
    @CsvSource({
        "EXPIRED,true", "EXPIRED,false", "NOT_YET_VALID,true", "NOT_YET_VALID,false",
        "WRONG_HOST,true", "WRONG_HOST,false", "UNTRUSTED,true", "UNTRUSTED,false",
        "OUR_OWN,true", "OUR_OWN,false"
    })
    void apiClientReadsWhyAndIsToldNotToRetry(Fault fault, boolean nativeEngines) throws Exception {
        // Our own root in the bundle must not help: a certificate of ours upstream is an attack.
        Path bundle = bundle(trusted, own);
        try (Service service = service(fault);
                ProxyHarness proxy = new ProxyHarness(nativeEngines, bundle, service.port(), own)) {
            try (SSLSocket socket = proxy.open("chat.test")) {
                ProxyHarness.send(socket, ProxyHarness.post("{\"text\":\"hi\"}"));
                assertThat(ProxyHarness.answer(socket))
                        .startsWith("HTTP/1.1 502")
                        .containsIgnoringCase("content-type: application/json")
                        .containsIgnoringCase("x-should-retry: false")
                        .containsIgnoringCase("cache-control: no-store")
                        .contains("\"code\":\"CHP-UP-002\"");
            }
            assertThat(proxy.failures).contains("CHP-UP-002");
            assertThat(service.requests).hasValue(0);
        }
    }

    @ParameterizedTest
    @CsvSource({"EXPIRED", "WRONG_HOST", "UNTRUSTED", "OUR_OWN"})
    void browserSeesAPage(Fault fault) throws Exception {
        try (Service service = service(fault);
                ProxyHarness proxy =
                        new ProxyHarness(true, bundle(trusted, own), service.port(), own);
                SSLSocket socket = proxy.open("chat.test", "http/1.1")) {
            ProxyHarness.send(
                    socket,
                    "GET / HTTP/1.1\r\nHost: chat.test\r\nAccept: text/html,*/*;q=0.8\r\n\r\n");
            assertThat(ProxyHarness.answer(socket))
                    .startsWith("HTTP/1.1 502")
                    .containsIgnoringCase("content-type: text/html")
                    .contains("CHP-UP-002", "Nothing was sent")
                    .doesNotContain("<script");
            assertThat(service.requests).hasValue(0);
        }
    }

    @Test
    void trustedServiceIsUsed() throws Exception {
        try (Service service = new Service(trusted, "chat.test", Instant.now());
                ProxyHarness proxy =
                        new ProxyHarness(true, bundle(trusted, own), service.port(), own)) {
            assertThat(ask(proxy)).startsWith("HTTP/1.1 200");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void bundleThatChangesOnDiskIsReadAgain(boolean nativeEngines) throws Exception {
        Path bundle = bundle(trusted);
        try (Service service = new Service(stranger, "chat.test", Instant.now());
                ProxyHarness proxy = new ProxyHarness(nativeEngines, bundle, service.port(), own)) {
            assertThat(ask(proxy)).startsWith("HTTP/1.1 502");
            bundle(trusted, stranger);
            Files.setLastModifiedTime(bundle, FileTime.from(Instant.now().plusSeconds(5)));
            assertThat(eventually(proxy, "HTTP/1.1 200")).isTrue();
            bundle(trusted); // and taken away again
            Files.setLastModifiedTime(bundle, FileTime.from(Instant.now().plusSeconds(9)));
            assertThat(eventually(proxy, "HTTP/1.1 502")).isTrue();
        }
    }

    /** The file is looked at every two seconds at most. */
    private static boolean eventually(ProxyHarness proxy, String status) throws Exception {
        long until = System.nanoTime() + LOOK_AGAIN.toNanos();
        while (System.nanoTime() < until) {
            if (ask(proxy).startsWith(status)) {
                return true;
            }
            TimeUnit.MILLISECONDS.sleep(200); // the condition is a file's age
        }
        return false;
    }

    private static String ask(ProxyHarness proxy) throws IOException {
        try (SSLSocket socket = proxy.open("chat.test")) {
            ProxyHarness.send(socket, ProxyHarness.post("{\"text\":\"hi\"}"));
            return ProxyHarness.answer(socket);
        }
    }

    private Path bundle(DeviceRoot... roots) throws IOException {
        StringBuilder pem = new StringBuilder();
        for (DeviceRoot root : roots) {
            pem.append(Pem.encode(root.certificate()));
        }
        return Files.writeString(folder.resolve("bundle.pem"), pem);
    }

    /** A TLS server that answers everything with 200 and counts what it was asked. */
    private static final class Service implements AutoCloseable {
        final AtomicInteger requests = new AtomicInteger();
        private final SSLServerSocket listener;

        /**
         * @param issued when its certificate was made; the certificate's life is relative to it
         */
        Service(DeviceRoot root, String host, Instant issued) throws Exception {
            var leaf = new ServiceCertificates(root, () -> issued).leaf("up", List.of(host), host);
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry(
                    "k",
                    leaf.key().getPrivate(),
                    new char[0],
                    leaf.chain().toArray(X509Certificate[]::new));
            KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
            keys.init(store, new char[0]);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            listener =
                    (SSLServerSocket)
                            context.getServerSocketFactory()
                                    .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
            Thread.ofVirtual().start(this::accept);
        }

        int port() {
            return listener.getLocalPort();
        }

        private void accept() {
            while (!listener.isClosed()) {
                try {
                    SSLSocket socket = (SSLSocket) listener.accept();
                    Thread.ofVirtual().start(() -> serve(socket));
                } catch (IOException e) {
                    return;
                }
            }
        }

        private void serve(SSLSocket socket) {
            try (socket) {
                String head = ProxyHarness.head(socket.getInputStream());
                if (head.isEmpty()) {
                    return;
                }
                requests.incrementAndGet();
                socket.getInputStream().readNBytes(ProxyHarness.length(head));
                ProxyHarness.send(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
            } catch (IOException e) {
                // The proxy refused the handshake.
            }
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }
}
