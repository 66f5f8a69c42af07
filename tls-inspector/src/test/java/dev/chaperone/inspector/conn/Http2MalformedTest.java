// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.pki.DeviceRoot;
import dev.chaperone.pki.Pem;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * HTTP/2 that breaks RFC 9113 ends its stream or its connection within a second, by the frame that
 * is due, with a code, and harms nobody else.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Http2MalformedTest {
    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int PRIORITY = 2;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PUSH_PROMISE = 5;
    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int WINDOW_UPDATE = 8;
    private static final int CONTINUATION = 9;
    private static final int END_HEADERS = 4;
    private static final int PADDED = 8;

    @SuppressWarnings("NullAway.Init") // set before the tests
    private Http2Peers peers;

    @SuppressWarnings("NullAway.Init")
    private ProxyHarness proxy;

    @SuppressWarnings("NullAway.Init")
    private DeviceRoot root;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        DeviceRoot upstreamRoot = DeviceRoot.create("Upstream", Instant.now());
        root = DeviceRoot.create("Chaperone", Instant.now());
        peers = new Http2Peers(upstreamRoot);
        Path bundle =
                Files.writeString(folder.resolve("up.pem"), Pem.encode(upstreamRoot.certificate()));
        proxy = new ProxyHarness(true, bundle, peers.port(), root);
    }

    @AfterAll
    void stop() throws IOException {
        proxy.close();
        peers.close();
    }

    static Stream<Arguments> frames() {
        byte[] none = {};
        return Stream.of(
                Arguments.of("DATA on stream 0", frame(DATA, 0, 0, bytes("x"))),
                Arguments.of("DATA on an idle stream", frame(DATA, 0, 9, bytes("x"))),
                Arguments.of("HEADERS on stream 0", frame(HEADERS, END_HEADERS, 0, none)),
                Arguments.of("HEADERS on an even stream", frame(HEADERS, END_HEADERS, 2, none)),
                Arguments.of(
                        "HEADERS that HPACK cannot read",
                        frame(HEADERS, END_HEADERS, 1, new byte[] {(byte) 0xFF, 0, 1, 2})),
                Arguments.of(
                        "HEADERS without pseudo headers",
                        frame(HEADERS, END_HEADERS | 1, 1, literal("a", "b"))),
                Arguments.of(
                        "HEADERS with a line break in a value",
                        frame(
                                HEADERS,
                                END_HEADERS | 1,
                                1,
                                join(request(), literal("x", "a\r\nHost: b")))),
                Arguments.of(
                        "HEADERS with a space in a name",
                        frame(HEADERS, END_HEADERS | 1, 1, join(request(), literal("a b", "c")))),
                Arguments.of(
                        "padding longer than the frame",
                        frame(HEADERS, END_HEADERS | PADDED, 1, new byte[] {99, 0})),
                Arguments.of(
                        "PRIORITY of 4 bytes on an idle stream",
                        frame(PRIORITY, 0, 1, new byte[4])),
                Arguments.of(
                        "PRIORITY of 6 bytes on an idle stream",
                        frame(PRIORITY, 0, 1, new byte[6])),
                Arguments.of("RST_STREAM on stream 0", frame(RST_STREAM, 0, 0, new byte[4])),
                Arguments.of("RST_STREAM of 3 bytes", frame(RST_STREAM, 0, 1, new byte[3])),
                Arguments.of("SETTINGS of 5 bytes", frame(SETTINGS, 0, 0, new byte[5])),
                Arguments.of("SETTINGS on a stream", frame(SETTINGS, 0, 1, none)),
                Arguments.of(
                        "SETTINGS with a window too large",
                        frame(SETTINGS, 0, 0, new byte[] {0, 4, -1, -1, -1, -1})),
                Arguments.of("PUSH_PROMISE of a client", frame(PUSH_PROMISE, 4, 1, new byte[4])),
                Arguments.of("PING of 7 bytes", frame(PING, 0, 0, new byte[7])),
                Arguments.of("PING on a stream", frame(PING, 0, 1, new byte[8])),
                Arguments.of("WINDOW_UPDATE of 3 bytes", frame(WINDOW_UPDATE, 0, 0, new byte[3])),
                Arguments.of("WINDOW_UPDATE of 0", frame(WINDOW_UPDATE, 0, 0, new byte[4])),
                Arguments.of("CONTINUATION of nothing", frame(CONTINUATION, 4, 1, none)),
                Arguments.of(
                        "DATA within a header block",
                        join(frame(HEADERS, 0, 1, none), frame(DATA, 0, 1, none))),
                Arguments.of("frame larger than allowed", head(70_000, DATA, 0, 1)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("frames")
    void malformedFrameEndsByTheFrameThatIsDue(String name, byte[] frame) throws Exception {
        proxy.failures.clear();
        try (SSLSocket socket = proxy.open("chat.test", "h2")) {
            socket.setSoTimeout(1000);
            socket.getOutputStream()
                    .write(join(bytes(PREFACE), join(frame(SETTINGS, 0, 0, new byte[0]), frame)));
            socket.getOutputStream().flush();
            assertThat(errorFrame(socket)).isIn(RST_STREAM, GOAWAY);
        }
        assertThat(proxy.failures).contains("CHP-IN-001");
        assertNextIsUnharmed();
    }

    @ParameterizedTest
    @MethodSource("prefaces")
    void wrongPrefaceEndsTheConnection(String preface) throws Exception {
        proxy.failures.clear();
        try (SSLSocket socket = proxy.open("chat.test", "h2")) {
            socket.setSoTimeout(1000);
            ProxyHarness.send(socket, preface);
            assertThat(errorFrame(socket)).isEqualTo(GOAWAY);
        }
        assertThat(proxy.failures).contains("CHP-IN-001");
        assertNextIsUnharmed();
    }

    static Stream<String> prefaces() {
        return Stream.of(
                "GET / HTTP/1.1\r\nHost: chat.test\r\n\r\n",
                PREFACE.replace("SM", "XM") + "\0\0\0\4\0\0\0\0\0",
                PREFACE + "\0\0\10\6\0\0\0\0\0\0\0\0\0\0\0\0\0"); // a PING before SETTINGS
    }

    private void assertNextIsUnharmed() throws Exception {
        Http2Peers.Client client = peers.connect(proxy.proxy().address(), root.certificate());
        assertThat(client.post("{\"text\":\"next\"}").answer().get(5, TimeUnit.SECONDS))
                .startsWith("200 ");
        client.close();
        assertThat(peers.received).containsExactly("{\"text\":\"next\"}");
        peers.received.clear();
        assertThat(peers.heads).hasSize(1); // nothing of the malformed request arrived
        peers.heads.clear();
    }

    /** Type of the first RST_STREAM, or GOAWAY that carries an error. */
    private static int errorFrame(SSLSocket socket) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        while (true) {
            int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            in.readUnsignedByte();
            in.readInt();
            byte[] payload = in.readNBytes(length);
            boolean error = type == GOAWAY && payload[7] != 0;
            if (type == RST_STREAM || error) {
                return type;
            }
        }
    }

    // ---- bytes of RFC 9113 §4.1 and RFC 7541 §6.2.2

    private static byte[] request() {
        return join(
                join(literal(":method", "POST"), literal(":path", "/prompt")),
                join(literal(":scheme", "https"), literal(":authority", "chat.test")));
    }

    private static byte[] literal(String name, String value) {
        ByteArrayOutputStream field = new ByteArrayOutputStream();
        field.write(0);
        field.write(name.length());
        field.writeBytes(bytes(name));
        field.write(value.length());
        field.writeBytes(bytes(value));
        return field.toByteArray();
    }

    private static byte[] frame(int type, int flags, int stream, byte[] payload) {
        return join(head(payload.length, type, flags, stream), payload);
    }

    private static byte[] head(int length, int type, int flags, int stream) {
        return new byte[] {
            (byte) (length >> 16),
            (byte) (length >> 8),
            (byte) length,
            (byte) type,
            (byte) flags,
            0,
            0,
            0,
            (byte) stream
        };
    }

    private static byte[] join(byte[] a, byte[] b) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(a);
        all.writeBytes(b);
        return all.toByteArray();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
