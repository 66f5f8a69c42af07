// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.demo;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Just enough HTTP/1.1 and WebSocket, written by hand, to answer as the AI services do: which
 * answer is chosen by the shape of the path alone, so that any host can be stood in for.
 */
final class StandInHttp {
    private static final String WEBSOCKET_GUID =
            "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455 §1.3

    /** What stands for a redacted value (DESIGN §4.10). */
    private static final Pattern PLACEHOLDER = Pattern.compile("\\[[A-Z_]+-\\d+]");

    private StandInHttp() {}

    /** Answers one request; false when the connection is over. */
    static boolean exchange(InputStream in, OutputStream out) throws IOException {
        String requestLine = line(in);
        if (requestLine == null) {
            return false;
        }
        Map<String, String> headers = new LinkedHashMap<>();
        String header;
        while ((header = line(in)) != null && !header.isEmpty()) {
            int colon = header.indexOf(':');
            headers.put(
                    header.substring(0, colon).toLowerCase(Locale.ROOT),
                    header.substring(colon + 1).strip());
        }
        String path = requestLine.split(" ")[1];
        if ("websocket".equalsIgnoreCase(headers.get("upgrade"))) {
            webSocket(path, headers, in, out);
            return false;
        }
        byte[] body = body(in, headers);
        answer(path, body, out);
        return !"close".equalsIgnoreCase(headers.get("connection"));
    }

    private static byte[] body(InputStream in, Map<String, String> headers) throws IOException {
        if ("chunked".equalsIgnoreCase(headers.get("transfer-encoding"))) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            while (true) {
                String size = line(in);
                if (size == null) {
                    throw new EOFException();
                }
                int n = Integer.parseInt(size.split(";")[0].strip(), 16);
                all.writeBytes(in.readNBytes(n));
                line(in);
                if (n == 0) {
                    return all.toByteArray();
                }
            }
        }
        return in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
    }

    private static void answer(String path, byte[] body, OutputStream out) throws IOException {
        String text = new String(body, StandardCharsets.ISO_8859_1);
        boolean stream = text.contains("\"stream\":true");
        if (path.contains("/backend-api/") && path.contains("conversation")) {
            sse(out, Answers.CHATGPT);
        } else if (path.contains("/chat/completions") || path.contains("/engines/")) {
            if (stream) {
                Matcher redacted = PLACEHOLDER.matcher(text);
                sse(out, redacted.find() ? Answers.openAi(redacted.group()) : Answers.OPENAI);
            } else {
                json(out, Answers.OPENAI_JSON);
            }
        } else if (path.contains("/v1/responses")) {
            json(out, Answers.RESPONSES_JSON);
        } else if (path.contains("/v1/messages")) {
            if (stream) {
                sse(out, Answers.ANTHROPIC);
            } else {
                json(out, Answers.ANTHROPIC_JSON);
            }
        } else {
            json(out, "{\"ok\":true}");
        }
    }

    private static void json(OutputStream out, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        write(
                out,
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                        + bytes.length
                        + "\r\n\r\n");
        out.write(bytes);
        out.flush();
    }

    private static void sse(OutputStream out, String[] events) throws IOException {
        write(
                out,
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (String event : events) {
            byte[] bytes = event.getBytes(StandardCharsets.UTF_8);
            write(out, Integer.toHexString(bytes.length) + "\r\n");
            out.write(bytes);
            write(out, "\r\n");
            out.flush();
        }
        write(out, "0\r\n\r\n");
        out.flush();
    }

    // ---- WebSocket (RFC 6455)

    private static void webSocket(
            String path, Map<String, String> headers, InputStream in, OutputStream out)
            throws IOException {
        write(
                out,
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                        + accept(headers.getOrDefault("sec-websocket-key", ""))
                        + "\r\n\r\n");
        out.flush();
        boolean signalR = path.toLowerCase(Locale.ROOT).contains("chathub");
        while (true) {
            String message = WebSocketBytes.readText(in);
            if (message == null) {
                return;
            }
            for (String reply : signalR ? Answers.signalR(message) : Answers.copilot(message)) {
                WebSocketBytes.writeText(out, reply, false);
            }
        }
    }

    static String accept(String key) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-1")
                            .digest((key + WEBSOCKET_GUID).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }

    static @org.jspecify.annotations.Nullable String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int b;
        while ((b = in.read()) >= 0) {
            if (b == '\n') {
                String text = line.toString(StandardCharsets.ISO_8859_1);
                return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
            }
            line.write(b);
        }
        return null;
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.US_ASCII));
    }
}
