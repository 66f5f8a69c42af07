// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.demo;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/** What the stand-in received, read from its log and compared with what the client sent. */
final class ReceivedBytes {
    private ReceivedBytes() {}

    /** The bytes of one exchange as they arrived; empty when nothing arrived. */
    static Optional<byte[]> of(Path log, int exchange) throws IOException {
        byte[] marker = ("x-demo: " + exchange + "\r\n").getBytes(StandardCharsets.US_ASCII);
        Map<String, ByteArrayOutputStream> connections = new LinkedHashMap<>();
        for (String line : Files.readAllLines(log)) {
            int space = line.indexOf(' ');
            connections
                    .computeIfAbsent(line.substring(0, space), _ -> new ByteArrayOutputStream())
                    .writeBytes(Base64.getDecoder().decode(line.substring(space + 1)));
        }
        return connections.values().stream()
                .map(ByteArrayOutputStream::toByteArray)
                .filter(bytes -> indexOf(bytes, marker, 0) >= 0)
                .findFirst();
    }

    /**
     * Whether exactly the client's bytes arrived; of a WebSocket its messages, since masks may
     * differ.
     */
    static boolean identical(DemoExchange exchange, byte[] received) throws IOException {
        return exchange.webSocket()
                ? messages(received).equals(exchange.messages())
                : Arrays.equals(exchange.request(), received);
    }

    /**
     * Whether everything but the sensitive values arrived, in order, and none of the values did.
     */
    static boolean redactedOnly(DemoExchange exchange, byte[] received) throws IOException {
        String sent =
                exchange.webSocket()
                        ? String.join("", exchange.messages())
                        : text(body(exchange.request()));
        String arrived =
                exchange.webSocket() ? String.join("", messages(received)) : text(body(received));
        if (holdsAny(arrived, exchange.sensitive())) {
            return false;
        }
        int at = 0;
        for (String piece : pieces(sent, exchange.sensitive())) {
            at = arrived.indexOf(piece, at);
            if (at < 0) {
                return false;
            }
            at += piece.length();
        }
        return true;
    }

    /** Whether any sensitive value is anywhere in the bytes. */
    static boolean leaks(DemoExchange exchange, byte[] received) throws IOException {
        String raw =
                exchange.webSocket() ? String.join("", messages(received)) : text(body(received));
        return holdsAny(raw, exchange.sensitive())
                || holdsAny(
                        new String(received, StandardCharsets.ISO_8859_1), exchange.sensitive());
    }

    private static boolean holdsAny(String text, List<String> values) {
        return values.stream().anyMatch(text::contains);
    }

    private static List<String> pieces(String text, List<String> values) {
        List<String> pieces = new ArrayList<>(List.of(text));
        for (String value : values) {
            List<String> next = new ArrayList<>();
            for (String piece : pieces) {
                next.addAll(Arrays.asList(piece.split(java.util.regex.Pattern.quote(value), -1)));
            }
            pieces = next;
        }
        // A value written with escapes leaves a remainder that the redaction takes along.
        pieces.replaceAll(p -> p.endsWith("\\u0041") ? p.substring(0, p.length() - 6) : p);
        return pieces;
    }

    private static byte[] body(byte[] request) {
        byte[] end = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        int at = indexOf(request, end, 0);
        return at < 0 ? new byte[0] : Arrays.copyOfRange(request, at + 4, request.length);
    }

    private static String text(byte[] body) throws IOException {
        boolean gzip = body.length > 2 && (body[0] & 0xFF) == 0x1F && (body[1] & 0xFF) == 0x8B;
        if (gzip) {
            try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
        }
        return new String(body, StandardCharsets.UTF_8);
    }

    private static List<String> messages(byte[] received) throws IOException {
        List<String> messages = new ArrayList<>();
        InputStream in = new ByteArrayInputStream(body(received));
        String message;
        while ((message = WebSocketBytes.readText(in)) != null) {
            messages.add(message);
        }
        return messages;
    }

    private static int indexOf(byte[] in, byte[] what, int from) {
        for (int i = from; i <= in.length - what.length; i++) {
            if (Arrays.equals(in, i, i + what.length, what, 0, what.length)) {
                return i;
            }
        }
        return -1;
    }
}
