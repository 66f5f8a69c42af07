// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import dev.chaperone.inspector.body.JsonArray;
import dev.chaperone.inspector.body.JsonObject;
import dev.chaperone.inspector.body.JsonScalar;
import dev.chaperone.inspector.body.JsonValue;
import dev.chaperone.inspector.body.Text;
import dev.chaperone.inspector.capture.CapturedExchange;
import dev.chaperone.inspector.capture.Fixtures;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A fixture as bytes on an HTTP/1.1 connection. What a fixture of HTTP/2 has not (Host, lengths) is
 * added; everything else is as it is written, byte for byte.
 */
final class FixtureBytes {
    private static final Set<String> FRAMING =
            Set.of("content-length", "transfer-encoding", "connection", "host");

    private static final int[] CHUNKS = {1, 7, 64, 3, 500};
    private static final byte[] MASK = {0x11, 0x7F, (byte) 0x80, (byte) 0xFE};

    /** One WebSocket message. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Message(boolean fromClient, boolean text, byte[] payload) {}

    final String id;
    final CapturedExchange exchange;
    private final JsonObject document;
    private final JsonObject request;

    FixtureBytes(Path file) {
        this.id = Fixtures.id(file);
        this.exchange = Fixtures.read(file);
        this.document = Fixtures.document(file);
        this.request = object(document, "request");
    }

    JsonObject expect() {
        return object(document, "expect");
    }

    boolean isWebSocket() {
        return document.get("ws") instanceof JsonObject;
    }

    boolean hasBody() {
        return body(request).length > 0;
    }

    // ---- HTTP

    byte[] requestWithLength() {
        byte[] body = body(request);
        boolean bodyless = body.length == 0 && text(request, "method").equals("GET");
        return join(
                utf8(requestHead(bodyless ? "" : "Content-Length: " + body.length + "\r\n")), body);
    }

    byte[] requestInChunks() {
        return join(utf8(requestHead("Transfer-Encoding: chunked\r\n")), chunked(body(request)));
    }

    /** What is expected at the service: the head as it was sent, and the body's octets. */
    byte[] requestBody() {
        return body(request);
    }

    String requestHead(String framing) {
        StringBuilder head = new StringBuilder();
        head.append(text(request, "method"))
                .append(' ')
                .append(exchange.head().target())
                .append(" HTTP/1.1\r\nHost: ")
                .append(exchange.head().host())
                .append("\r\n");
        fields(request, head);
        if (isWebSocket()) {
            head.append("Connection: Upgrade\r\nSec-WebSocket-Key: AAAA\r\n");
        }
        return head.append(framing).append("\r\n").toString();
    }

    /** The answer, or null where the fixture has none. */
    byte @Nullable [] answerWithLength() {
        if (!(document.get("response") instanceof JsonObject response)) {
            return null;
        }
        byte[] body = body(response);
        return join(utf8(answerHead(response, "Content-Length: " + body.length + "\r\n")), body);
    }

    byte @Nullable [] answerInChunks() {
        return document.get("response") instanceof JsonObject response
                ? join(
                        utf8(answerHead(response, "Transfer-Encoding: chunked\r\n")),
                        chunked(body(response)))
                : null;
    }

    private static String answerHead(JsonObject response, String framing) {
        StringBuilder head = new StringBuilder();
        head.append("HTTP/1.1 ").append(number(response, "status")).append(" As It Is\r\n");
        fields(response, head);
        return head.append(framing).append("\r\n").toString();
    }

    private static void fields(JsonObject message, StringBuilder head) {
        for (JsonValue line : ((JsonArray) value(message, "headers")).elements()) {
            List<JsonValue> pair = ((JsonArray) line).elements();
            String name = ((Text) pair.get(0)).value();
            if (!FRAMING.contains(name.toLowerCase(Locale.ROOT))) {
                head.append(name).append(": ").append(((Text) pair.get(1)).value()).append("\r\n");
            }
        }
    }

    // ---- WebSocket

    List<Message> messages() {
        List<Message> messages = new ArrayList<>();
        JsonObject ws = object(document, "ws");
        for (JsonValue each : ((JsonArray) value(ws, "frames")).elements()) {
            JsonObject frame = (JsonObject) each;
            messages.add(
                    new Message(
                            text(frame, "dir").equals("c2s"),
                            text(frame, "op").equals("text"),
                            payload(frame)));
        }
        return messages;
    }

    /** A whole message in one frame (RFC 6455 §5.2); a client's is masked. */
    static byte[] frame(Message message) {
        return frame(message.text ? 0x81 : 0x82, message.payload, message.fromClient);
    }

    /** A service's answer that makes the connection a WebSocket. */
    static final byte[] SWITCHING =
            utf8(
                    """
                    HTTP/1.1 101 Switching Protocols
                    Upgrade: websocket
                    Connection: Upgrade
                    Sec-WebSocket-Accept: x

                    """
                            .replace("\n", "\r\n"));

    static final byte[] PING = frame(0x89, utf8("p"), true);

    private static final int FRAGMENT = 40;

    /**
     * A client's message in frames of 40 bytes (RFC 6455 §5.4), a ping behind each but the last.
     */
    static byte[] fragments(Message message) {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        int opcode = message.text ? 1 : 2;
        int at = 0;
        do {
            int end = Math.min(at + FRAGMENT, message.payload.length);
            boolean last = end == message.payload.length;
            frames.writeBytes(
                    frame(
                            (last ? 0x80 : 0) | (at == 0 ? opcode : 0),
                            Arrays.copyOfRange(message.payload, at, end),
                            true));
            if (!last) {
                frames.writeBytes(PING);
            }
            at = end;
        } while (at < message.payload.length);
        return frames.toByteArray();
    }

    static byte[] frame(int first, byte[] payload, boolean masked) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        int flag = masked ? 0x80 : 0;
        frame.write(first);
        if (payload.length < 126) {
            frame.write(flag | payload.length);
        } else {
            frame.write(flag | 126);
            frame.write(payload.length >> 8);
            frame.write(payload.length);
        }
        byte[] masking = masked ? MASK : new byte[4];
        if (masked) {
            frame.writeBytes(masking);
        }
        for (int i = 0; i < payload.length; i++) {
            frame.write(payload[i] ^ masking[i & 3]);
        }
        return frame.toByteArray();
    }

    // ----

    /** In chunks of odd sizes, with an extension and a trailer (RFC 9112 §7.1). */
    static byte[] chunked(byte[] body) {
        ByteArrayOutputStream chunks = new ByteArrayOutputStream();
        int at = 0;
        for (int n = 0; at < body.length; n++) {
            int length = Math.min(CHUNKS[n % CHUNKS.length], body.length - at);
            chunks.writeBytes(
                    utf8(Integer.toHexString(length) + (n == 1 ? ";x=\"y\"" : "") + "\r\n"));
            chunks.write(body, at, length);
            chunks.writeBytes(utf8("\r\n"));
            at += length;
        }
        chunks.writeBytes(utf8("0\r\nT: 1\r\n\r\n"));
        return chunks.toByteArray();
    }

    private static byte[] body(JsonObject message) {
        return message.get("body") instanceof JsonObject body ? payload(body) : new byte[0];
    }

    private static byte[] payload(JsonObject holder) {
        return holder.get("base64") instanceof Text base64
                ? Base64.getDecoder().decode(base64.value())
                : utf8(holder.get("utf8") instanceof Text text ? text.value() : "");
    }

    static String text(JsonObject object, String name) {
        return object.get(name) instanceof Text text ? text.value() : "";
    }

    private static String number(JsonObject object, String name) {
        return ((JsonScalar) value(object, name)).raw();
    }

    private static JsonObject object(JsonObject object, String name) {
        return (JsonObject) value(object, name);
    }

    private static JsonValue value(JsonObject object, String name) {
        JsonValue value = object.get(name);
        if (value == null) {
            throw new IllegalStateException(name);
        }
        return value;
    }

    static byte[] join(byte[] a, byte[] b) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(a);
        all.writeBytes(b);
        return all.toByteArray();
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
