// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.pki.DeviceRoot;
import dev.chaperone.pki.Pem;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every offer of a client against every kind of service, with both TLS engines: the service sees
 * the client's offer less what the proxy cannot speak, the client sees the service's choice, and
 * where there is none a clean end, with a code.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AlpnMatrixTest {
    private static final String HOST = "chat.test";
    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    private static final String REQUEST = "GET /x HTTP/1.1\r\nHost: chat.test\r\n\r\n";

    enum Service {
        H1,
        H2,
        NONE
    }

    private record World(Upstream upstream, ProxyHarness proxy) {}

    private final Map<Service, World> boringSsl = new EnumMap<>(Service.class);
    private final Map<Service, World> jdk = new EnumMap<>(Service.class);

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        DeviceRoot root = DeviceRoot.create("Upstream", Instant.now());
        Path bundle = Files.writeString(folder.resolve("up.pem"), Pem.encode(root.certificate()));
        for (Service service : Service.values()) {
            for (boolean nativeEngine : new boolean[] {true, false}) {
                Upstream upstream = new Upstream(root, service);
                ProxyHarness proxy =
                        new ProxyHarness(
                                nativeEngine,
                                bundle,
                                upstream.listener.getLocalPort(),
                                DeviceRoot.create("Chaperone", Instant.now()));
                (nativeEngine ? boringSsl : jdk).put(service, new World(upstream, proxy));
            }
        }
    }

    @AfterAll
    void stop() throws IOException {
        List<World> all = new ArrayList<>(boringSsl.values());
        all.addAll(jdk.values());
        for (World world : all) {
            world.proxy.close();
            world.upstream.listener.close();
        }
    }

    /** Offer · service · offer that reaches the service · what the client gets · code, or "-". */
    static Stream<Arguments> pairs() {
        return Stream.of(
                        "none    H1   absent      none,200      -",
                        "none    H2   absent      none,502      CHP-UP-003",
                        "none    NONE absent      none,200      -",
                        "h1      H1   http/1.1    http/1.1,200  -",
                        "h1      H2   http/1.1    alert         CHP-IN-005",
                        "h1      NONE http/1.1    none,200      -",
                        "h2      H1   h2          alert         CHP-IN-005",
                        "h2      H2   h2          h2,200        -",
                        "h2      NONE h2          none,200      -",
                        "both    H1   h2,http/1.1 http/1.1,200  -",
                        "both    H2   h2,http/1.1 h2,200        -",
                        "both    NONE h2,http/1.1 none,200      -",
                        "unknown H1   nothing     alert         CHP-IN-005",
                        "unknown H2   nothing     alert         CHP-IN-005",
                        "unknown NONE nothing     alert         CHP-IN-005")
                .map(line -> line.split(" +"))
                .map(f -> Arguments.of(f[0], Service.valueOf(f[1]), f[2], f[3], f[4]));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void serviceChooses(String offer, Service service, String seen, String gets, String code)
            throws Exception {
        assertThat(pair(boringSsl, offer, service)).isEqualTo(new Outcome(seen, gets, code));
    }

    /**
     * A refusal that comes encrypted, with the end of the connection on its heels, is not always
     * seen by the JDK's engine: the client gets the explanation instead of the alert.
     */
    @ParameterizedTest
    @MethodSource("pairs")
    void serviceChoosesWithoutTheNativeEngine(
            String offer, Service service, String seen, String gets, String code) throws Exception {
        Outcome outcome = pair(jdk, offer, service);
        if (outcome.code.equals("CHP-UP-004")) {
            String explained = (offer.equals("h2") ? "h2" : "http/1.1") + ",502";
            assertThat(outcome).isEqualTo(new Outcome(seen, explained, "CHP-UP-004"));
            assertThat(gets).isEqualTo("alert");
        } else {
            assertThat(outcome).isEqualTo(new Outcome(seen, gets, code));
        }
    }

    /** Offer that reached the service, what the client got, codes of events. */
    private record Outcome(String seen, String gets, String code) {}

    private static Outcome pair(Map<Service, World> worlds, String offer, Service service)
            throws Exception {
        World world = Objects.requireNonNull(worlds.get(service));
        world.proxy.failures.clear();
        world.upstream.offers.clear();
        String gets = client(world.proxy, offer);
        String seen =
                offer.equals("unknown")
                        ? Objects.requireNonNullElse(world.upstream.offers.poll(), "nothing")
                        : world.upstream.offers.poll(5, TimeUnit.SECONDS);
        String codes = String.join(",", world.proxy.failures);
        return new Outcome(String.valueOf(seen), gets, codes.isEmpty() ? "-" : codes);
    }

    /** What was agreed and the status of one request; or the alert. */
    private static String client(ProxyHarness proxy, String offer) throws IOException {
        String[] protocols =
                switch (offer) {
                    case "h1" -> new String[] {"http/1.1"};
                    case "h2" -> new String[] {"h2"};
                    case "both" -> new String[] {"h2", "http/1.1"};
                    case "unknown" -> new String[] {"journey/1"};
                    default -> new String[0];
                };
        try (SSLSocket socket = proxy.open(HOST, protocols)) {
            String agreed = socket.getApplicationProtocol();
            if (agreed.equals("h2")) {
                ProxyHarness.send(socket, PREFACE + "\0\0\0\4\0\0\0\0\0");
                socket.getOutputStream().write(h2Request());
                socket.getOutputStream().flush();
                return nextHeaders(socket.getInputStream()).firstOctet == 0x88
                        ? "h2,200"
                        : "h2,502";
            }
            ProxyHarness.send(socket, REQUEST);
            String head = ProxyHarness.head(socket.getInputStream());
            return (agreed.isEmpty() ? "none" : agreed) + "," + head.split(" ")[1];
        } catch (SSLException e) {
            return String.valueOf(e.getMessage()).contains("no_application_protocol")
                    ? "alert"
                    : "TLS " + e.getMessage();
        }
    }

    /** A client that goes ahead with HTTP/2 although it was not agreed reaches nobody. */
    @Test
    void prefaceThatWasNotAgreedIsRefused() throws Exception {
        World world = Objects.requireNonNull(boringSsl.get(Service.NONE));
        world.proxy.failures.clear();
        world.upstream.requests.clear();
        try (SSLSocket socket = world.proxy.open(HOST, "h2")) {
            assertThat(socket.getApplicationProtocol()).isEmpty();
            ProxyHarness.send(socket, PREFACE + "\0\0\0\4\0\0\0\0\0");
            assertThat(ProxyHarness.head(socket.getInputStream())).startsWith("HTTP/1.1 400");
        }
        assertThat(world.proxy.failures).containsExactly("CHP-IN-001");
        assertThat(client(world.proxy, "none")).isEqualTo("none,200");
        assertThat(world.upstream.requests).containsExactly(REQUEST);
    }

    private static byte[] h2Request() {
        byte[] path = "/x".getBytes(StandardCharsets.US_ASCII);
        byte[] host = HOST.getBytes(StandardCharsets.US_ASCII);
        // RFC 7541 §6.1 and §6.2.2: indexed :method GET and :scheme https, literal :path,
        // :authority
        byte[] block = new byte[2 + 2 + path.length + 2 + host.length];
        block[0] = (byte) 0x82;
        block[1] = (byte) 0x87;
        block[2] = 0x04;
        block[3] = (byte) path.length;
        System.arraycopy(path, 0, block, 4, path.length);
        block[4 + path.length] = 0x01;
        block[5 + path.length] = (byte) host.length;
        System.arraycopy(host, 0, block, 6 + path.length, host.length);
        return frame(1, 5, 1, block);
    }

    private static byte[] frame(int type, int flags, int stream, byte[] payload) {
        byte[] frame = new byte[9 + payload.length];
        frame[2] = (byte) payload.length;
        frame[3] = (byte) type;
        frame[4] = (byte) flags;
        frame[8] = (byte) stream;
        System.arraycopy(payload, 0, frame, 9, payload.length);
        return frame;
    }

    /** Where a header block belongs and how it begins: 0x88 is :status 200 (RFC 7541 App. A). */
    private record Headers(int stream, int firstOctet) {}

    private static Headers nextHeaders(InputStream bytes) throws IOException {
        DataInputStream in = new DataInputStream(bytes);
        while (true) {
            int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            in.readUnsignedByte();
            int stream = in.readInt();
            byte[] payload = in.readNBytes(length);
            if (type == 1) {
                return new Headers(stream, payload[0] & 0xFF);
            }
        }
    }

    /** A service that speaks one protocol, on JDK sockets. */
    private static final class Upstream {
        /** Each client's offer, or {@code absent}. */
        final BlockingQueue<String> offers = new LinkedBlockingQueue<>();

        final BlockingQueue<String> requests = new LinkedBlockingQueue<>();
        final SSLServerSocket listener;
        private final Service speaks;

        Upstream(DeviceRoot root, Service speaks) throws Exception {
            this.listener = ProxyHarness.serverFor(root, List.of(HOST));
            this.speaks = speaks;
            Thread.ofVirtual().start(this::accept);
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
            List<String> offered = new ArrayList<>();
            try (socket) {
                socket.setHandshakeApplicationProtocolSelector((_, names) -> {
                    offered.addAll(names);
                    return chosen(names);
                });
                socket.startHandshake();
                offers.add(offered.isEmpty() ? "absent" : String.join(",", offered));
                speak(socket);
            } catch (IOException e) {
                if (!offered.isEmpty()) {
                    offers.add(String.join(",", offered)); // refused
                }
            }
        }

        /** Null refuses, the empty string ignores the offer. */
        private @Nullable String chosen(List<String> names) {
            String own =
                    switch (speaks) {
                        case H1 -> "http/1.1";
                        case H2 -> "h2";
                        case NONE -> "";
                    };
            return own.isEmpty() || names.contains(own) ? own : null;
        }

        private void speak(SSLSocket socket) throws IOException {
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            if (speaks == Service.H2) {
                String preface = new String(in.readNBytes(24), StandardCharsets.US_ASCII);
                if (preface.equals(PREFACE)) { // else the connection ends here (RFC 9113 §3.4)
                    out.write(frame(4, 0, 0, new byte[0]));
                    int stream = nextHeaders(in).stream;
                    out.write(frame(1, 5, stream, new byte[] {(byte) 0x88}));
                    // Whoever asked closes: to close first could cut the answer off.
                    in.transferTo(OutputStream.nullOutputStream());
                }
                return;
            }
            String request = ProxyHarness.head(in);
            if (request.isEmpty()) {
                return;
            }
            requests.add(request);
            ProxyHarness.send(socket, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            in.transferTo(OutputStream.nullOutputStream());
        }
    }
}
