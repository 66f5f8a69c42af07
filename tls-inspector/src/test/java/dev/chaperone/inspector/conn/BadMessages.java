// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/**
 * Messages that break a standard, each with the code that its event must carry. Here they meet the
 * pipelines; {@code verification} sends them to a whole agent.
 */
public final class BadMessages {
    public static final String HOST = "api.openai.com";
    public static final String CHAT = "/v1/chat/completions";

    /** Where a message is sent. */
    public enum Place {
        /** To the proxy port. */
        PORT,
        /** After CONNECT to an opened host, where a ClientHello is due. */
        HELLO,
        /** As HTTP/1.1 inside TLS. */
        HTTP,
        /** As a frame of a declared WebSocket. */
        SOCKET
    }

    /**
     * One message.
     *
     * @param code prefix of the code of its event
     */
    @SuppressWarnings("ArrayRecordComponent") // written once, never compared
    public record Bad(Place place, String name, byte[] bytes, String code) {
        @Override
        public String toString() {
            return place + ": " + name;
        }
    }

    private final List<Bad> all = new ArrayList<>();

    private BadMessages() {}

    public static List<Bad> all() throws Exception {
        BadMessages messages = new BadMessages();
        messages.requestLines();
        messages.hellos();
        messages.fields();
        messages.chunks();
        messages.encodings();
        messages.json();
        messages.frames();
        return messages.all;
    }

    private void requestLines() {
        for (String line :
                List.of(
                        "BREW",
                        "GET /x",
                        "GET /x HTTP/3.0",
                        "GET /x SMTP/1.1",
                        " GET /x HTTP/1.1",
                        "GET  /x HTTP/1.1",
                        "\u0001\u0002 /x HTTP/1.1",
                        "\u00e4\u00f6\u00fc",
                        "CONNECT " + HOST + " HTTP/1.1",
                        "CONNECT " + HOST + ":70000 HTTP/1.1",
                        "CONNECT " + HOST + ":-1 HTTP/1.1",
                        "CONNECT :443 HTTP/1.1",
                        "CONNECT a@" + HOST + ":443 HTTP/1.1")) {
            add(Place.PORT, "line '" + visible(line) + "'", line + "\r\n\r\n", "CHP-IN-001");
        }
        add(Place.PORT, "TLS without CONNECT", "\u0016\u0003\u0001\u0002\u0000", "CHP-IN-001");
        add(Place.PORT, "endless line", "G".repeat(300 << 10), "CHP-IN-001");
        for (String line :
                List.of(
                        "BREW",
                        "GET",
                        "GET /x",
                        "GET /x SMTP/1.1",
                        "\u0001 /x HTTP/1.1",
                        "GET /x HTTP/x")) {
            add(Place.HTTP, "line '" + visible(line) + "'", line + "\r\n\r\n", "CHP-IN-001");
        }
    }

    private void hellos() {
        add(Place.HELLO, "record of no length", bytes(22, 3, 1, 0, 0), "CHP-IN-003");
        add(Place.HELLO, "record too long", bytes(22, 3, 1, 255, 255, 1), "CHP-IN-003");
        add(Place.HELLO, "a ServerHello", bytes(22, 3, 1, 0, 4, 2, 0, 0, 0), "CHP-IN-003");
        add(Place.HELLO, "hello of no content", bytes(22, 3, 1, 0, 4, 1, 0, 0, 0), "CHP-IN-003");
        add(Place.HELLO, "hello too long", bytes(22, 3, 1, 0, 4, 1, 255, 255, 255), "CHP-IN-003");
        byte[] cut = new byte[5 + 4 + 36];
        System.arraycopy(bytes(22, 3, 1, 0, 40, 1, 0, 0, 36, 3, 3), 0, cut, 0, 11);
        cut[43] = (byte) 255; // a session id of 255 bytes, of which none is there
        add(Place.HELLO, "session id past the end", cut, "CHP-IN-003");
        add(
                Place.HELLO,
                "an alert instead",
                bytes(22, 3, 1, 0, 4, 1, 0, 0, 90, 21, 3, 1, 0, 2, 1, 0),
                "CHP-IN-003");
    }

    private void fields() {
        for (String field :
                List.of(
                        "Content-Length: abc",
                        "Content-Length: -5",
                        "Content-Length: +5",
                        "Content-Length: 1, 2",
                        "Content-Length: 5\r\nContent-Length: 6",
                        "Content-Length: 99999999999999999999",
                        "no colon here",
                        ": no name",
                        "Content-Length : 5",
                        "X\u0000Y: z",
                        "Bad name: z",
                        "Transfer-Encoding: chunked\r\nTransfer-Encoding: x-odd",
                        "Transfer-Encoding: x-odd")) {
            add(Place.HTTP, "field '" + visible(field) + "'", head(field) + "hello", "CHP-IN-001");
        }
        add(Place.HTTP, "head over the limit", head("X: " + "y".repeat(300 << 10)), "CHP-IN-001");
        add(Place.HTTP, "two hosts", head("Host: other.test"), "CHP-IN-002");
        add(
                Place.HTTP,
                "another host",
                "GET /x HTTP/1.1\r\nHost: other.test\r\nConnection: close\r\n\r\n",
                "CHP-IN-002");
    }

    private void chunks() {
        for (String chunk :
                List.of(
                        "ZZ\r\nhello\r\n",
                        "-1\r\n",
                        "FFFFFFFFFFFFFFFF\r\n",
                        "\r\n\r\n",
                        "5\r\nhelloXX")) {
            add(
                    Place.HTTP,
                    "chunk '" + visible(chunk) + "'",
                    head("Transfer-Encoding: chunked") + chunk,
                    "CHP-IN-001");
        }
    }

    private void encodings() throws Exception {
        ByteArrayOutputStream gzip = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(gzip)) {
            out.write("{\"messages\":[]}".repeat(99).getBytes(StandardCharsets.UTF_8));
        }
        byte[] whole = gzip.toByteArray();
        byte[] wrongSum = whole.clone();
        wrongSum[whole.length - 6] ^= 1;
        body("gzip that is none", "Content-Encoding: gzip\r\n", utf8("no gzip"), "CHP-TLS-010");
        body(
                "gzip cut short",
                "Content-Encoding: gzip\r\n",
                Arrays.copyOf(whole, whole.length - 9),
                "CHP-TLS-010");
        body("gzip with a wrong sum", "Content-Encoding: gzip\r\n", wrongSum, "CHP-TLS-010");
        body(
                "deflate that is none",
                "Content-Encoding: deflate\r\n",
                bytes(255, 255, 1),
                "CHP-TLS-010");
        body("br that is none", "Content-Encoding: br\r\n", bytes(255, 255, 255, 1), "CHP-TLS-010");
        body("zstd that is none", "Content-Encoding: zstd\r\n", utf8("zzzzzzzz"), "CHP-TLS-010");
        body("encoding nobody knows", "Content-Encoding: x-odd\r\n", utf8("{}"), "CHP-TLS-010");
    }

    private void json() {
        body("JSON cut short", "", utf8("{\"messages\":[{\"role\":\"user\""), "CHP-CAT-");
        body("JSON with a tail", "", utf8("{\"messages\":[]} x"), "CHP-CAT-");
        body("JSON with a bare word", "", utf8("{\"messages\":hello}"), "CHP-CAT-");
        body(
                "a name twice",
                "",
                utf8("{\"messages\":[{\"role\":\"user\",\"content\":\"a\",\"content\":\"b\"}]}"),
                "CHP-CAT-");
        body(
                "a lone surrogate byte",
                "",
                bytes('{', '"', 0xED, 0xA0, 0x80, '"', ':', '1', '}'),
                "CHP-CAT-");
        body("no UTF-8", "", bytes('{', '"', 0xFF, 0xFE, '"', ':', '1', '}'), "CHP-CAT-");
        body("nested 100,000 deep", "", utf8("[".repeat(100_000)), "CHP-CAT-");
        body("a control character", "", utf8("{\"messages\":\"a\u0001b\"}"), "CHP-CAT-");
        body("an escape that is none", "", utf8("{\"messages\":\"a\\qb\"}"), "CHP-CAT-");
        body(
                "multipart without its end",
                "Content-Type: multipart/form-data; boundary=b\r\n",
                utf8("--b\r\nx"),
                "CHP-CAT-");
    }

    private void frames() {
        add(Place.SOCKET, "reserved bits", bytes(0xF1, 0x81, 1, 2, 3, 4, 5), "CHP-IN-006");
        add(Place.SOCKET, "reserved opcode", bytes(0x83, 0x81, 1, 2, 3, 4, 5), "CHP-IN-006");
        add(Place.SOCKET, "no mask", bytes(0x81, 0x02, 'h', 'i'), "CHP-IN-006");
        add(Place.SOCKET, "ping in pieces", bytes(0x09, 0x81, 1, 2, 3, 4, 5), "CHP-IN-006");
        add(Place.SOCKET, "ping too long", bytes(0x89, 0xFE, 0, 200, 1, 2, 3, 4), "CHP-IN-006");
        add(
                Place.SOCKET,
                "continuation of nothing",
                bytes(0x80, 0x81, 1, 2, 3, 4, 5),
                "CHP-IN-006");
        add(Place.SOCKET, "close of one byte", bytes(0x88, 0x81, 1, 2, 3, 4, 5), "CHP-IN-006");
        add(
                Place.SOCKET,
                "length of 2^63",
                bytes(0x81, 0xFF, 255, 255, 255, 255, 255, 255, 255, 255),
                "CHP-IN-006");
        add(
                Place.SOCKET,
                "length written too long",
                bytes(0x81, 0xFE, 0, 5, 1, 2, 3, 4, 5),
                "CHP-IN-006");
    }

    // ----

    private void body(String name, String fields, byte[] body, String code) {
        String type = fields.contains("Content-Type") ? "" : "Content-Type: application/json\r\n";
        byte[] head =
                utf8(
                        head(type + fields + "Content-Length: " + body.length)
                                .replace("\r\n\r\n\r\n", "\r\n\r\n"));
        byte[] request = Arrays.copyOf(head, head.length + body.length);
        System.arraycopy(body, 0, request, head.length, body.length);
        add(Place.HTTP, name, request, code);
    }

    private static String head(String fields) {
        return "POST "
                + CHAT
                + " HTTP/1.1\r\nHost: "
                + HOST
                + "\r\nConnection: close\r\n"
                + fields
                + "\r\n\r\n";
    }

    private void add(Place place, String name, String text, String code) {
        add(place, name, text.getBytes(StandardCharsets.ISO_8859_1), code);
    }

    private void add(Place place, String name, byte[] bytes, String code) {
        all.add(new Bad(place, name, bytes, code));
    }

    private static String visible(String text) {
        return text.replace("\r\n", "|").replaceAll("[^ -~]", "?");
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
