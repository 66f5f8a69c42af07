// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.chaperone.agent.os.FileKeyVault;
import dev.chaperone.inspector.UpstreamProxy;
import dev.chaperone.model.sync.EnrolmentToken;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The company's server by the company's proxy, which says no, and by more than one address. */
class WayOutTest {
    private static final URI SERVER = URI.create("https://server.test:8443");
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @TempDir Path folder;

    @SuppressWarnings("NullAway.Init") // set before each test
    private ServerSocket proxy;

    private final BlockingQueue<String> asked = new LinkedBlockingQueue<>();
    private volatile String answer = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";

    @BeforeEach
    void listen() throws IOException {
        proxy = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        Thread.ofVirtual()
                .start(() -> {
                    while (!proxy.isClosed()) {
                        try (Socket client = proxy.accept()) {
                            BufferedReader in =
                                    new BufferedReader(
                                            new InputStreamReader(
                                                    client.getInputStream(),
                                                    StandardCharsets.US_ASCII));
                            String line = in.readLine();
                            asked.add(String.valueOf(line));
                            while (line != null && !line.isEmpty()) {
                                line = in.readLine();
                            }
                            client.getOutputStream()
                                    .write(answer.getBytes(StandardCharsets.US_ASCII));
                        } catch (IOException e) {
                            return;
                        }
                    }
                });
    }

    @AfterEach
    void close() throws IOException {
        proxy.close();
    }

    private UpstreamProxy wayOut(String host) {
        return new UpstreamProxy(host, proxy.getLocalPort(), List.of());
    }

    @ParameterizedTest
    @CsvSource({"403 Forbidden,403", "407 Sign in,sign-in", "502 Bad gateway,502"})
    void enrolmentThatTheProxyRefusesNamesItAndChangesNothing(String status, String says)
            throws Exception {
        answer =
                "HTTP/1.1 "
                        + status
                        + "\r\nProxy-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n";
        EnrolmentToken token =
                new EnrolmentToken(SERVER, "ab".repeat(32), "not-a-secret-but-long-enough");
        Path data = Files.createDirectory(folder.resolve("data"));
        assertThatThrownBy(() ->
                        Enroller.enrol(
                                token,
                                data,
                                new FileKeyVault(data),
                                Optional.of(wayOut("127.0.0.1"))))
                .isInstanceOf(ServerRefusedException.class)
                .hasMessageContaining(
                        "the company's proxy http://127.0.0.1:" + proxy.getLocalPort())
                .hasMessageContaining(says);
        assertThat(asked.poll(10, TimeUnit.SECONDS))
                .startsWith("CONNECT server.test:8443 HTTP/1.1");
        assertThat(data.resolve("server.json")).doesNotExist();
    }

    /** By a company's proxy at these addresses of loopback. */
    private ServerConnection connection(int... lastBytes) throws IOException {
        return new ServerConnection(
                SERVER,
                SslContextBuilder.forClient().build(),
                Optional.of(wayOut("proxy.test")),
                LIMIT,
                host -> {
                    InetAddress[] addresses = new InetAddress[lastBytes.length];
                    for (int i = 0; i < addresses.length; i++) {
                        byte[] address = {127, 0, 0, (byte) lastBytes[i]};
                        addresses[i] = InetAddress.getByAddress(host, address);
                    }
                    return addresses;
                });
    }

    @Test
    void deadFirstAddressHidesNoLivingSecondOne() throws Exception {
        try (ServerConnection connection = connection(3, 1)) {
            assertThatThrownBy(() -> connection.get("/v1/policy", Map.of()))
                    .hasMessageContaining("status 403");
        }
        assertThat(asked.poll(10, TimeUnit.SECONDS))
                .startsWith("CONNECT server.test:8443 HTTP/1.1");
    }

    @Test
    void noAddressIsNoConnection() throws Exception {
        try (ServerConnection connection = connection(3)) {
            assertThatThrownBy(() -> connection.get("/v1/policy", Map.of()))
                    .isInstanceOf(java.net.ConnectException.class);
        }
    }
}
