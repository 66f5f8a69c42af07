// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.capture;

import dev.chaperone.inspector.body.JsonArray;
import dev.chaperone.inspector.body.JsonObject;
import dev.chaperone.inspector.body.JsonValue;
import dev.chaperone.inspector.http.HeaderField;
import dev.chaperone.inspector.http.RequestHead;
import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/) as browsers and proxies write it:
 * content codings are undone already, WebSocket messages stand in Chrome's {@code
 * _webSocketMessages}.
 */
final class HarReader {
    private static final String BOUNDARY = "----chaperone-har-boundary";

    private HarReader() {}

    static List<CapturedExchange> read(JsonArray entries, String name)
            throws CaptureFormatException {
        List<CapturedExchange> exchanges = new ArrayList<>();
        int n = 0;
        for (JsonValue entry : entries.elements()) {
            if (entry instanceof JsonObject object
                    && object.get("request") instanceof JsonObject request) {
                exchanges.add(entry(object, request, name + "#" + n));
            }
            n++;
        }
        return exchanges;
    }

    private static CapturedExchange entry(JsonObject entry, JsonObject request, String id)
            throws CaptureFormatException {
        List<CapturedExchange.Message> messages = messages(entry);
        List<HeaderField> headers = headers(request);
        boolean upgrade = headers.stream().anyMatch(h -> h.name().equalsIgnoreCase("upgrade"));
        if (!upgrade && !messages.isEmpty()) {
            headers.add(new HeaderField("upgrade", "websocket"));
        }
        JsonObject data = Members.object(request, "postData");
        byte[] body = data == null ? new byte[0] : body(data, headers);
        RequestHead head =
                Members.head(
                        Members.text(request, "method"),
                        Members.text(request, "url"),
                        headers,
                        Members.text(request, "httpVersion").contains("2") ? "h2" : "http/1.1");
        return new CapturedExchange(
                id, head, body, body.length, response(Members.object(entry, "response")), messages);
    }

    private static List<HeaderField> headers(JsonObject message) {
        List<HeaderField> headers = new ArrayList<>();
        for (JsonObject header : Members.objects(message, "headers")) {
            String name = Members.text(header, "name");
            if (!name.startsWith(":")) {
                headers.add(new HeaderField(name, Members.text(header, "value")));
            }
        }
        return headers;
    }

    private static byte[] body(JsonObject data, List<HeaderField> headers)
            throws CaptureFormatException {
        String mime = Members.text(data, "mimeType");
        List<JsonObject> params = Members.objects(data, "params");
        String text = Members.text(data, "text");
        boolean rebuilt = text.isEmpty() && !params.isEmpty() && mime.startsWith("multipart/");
        if (rebuilt) {
            headers.removeIf(h -> h.name().equalsIgnoreCase("content-type"));
            headers.add(
                    new HeaderField("content-type", "multipart/form-data; boundary=" + BOUNDARY));
            return multipart(params);
        }
        boolean typed = headers.stream().anyMatch(h -> h.name().equalsIgnoreCase("content-type"));
        if (!typed && !mime.isEmpty()) {
            headers.add(new HeaderField("content-type", mime));
        }
        if (!text.isEmpty()) {
            boolean base64 =
                    Members.text(data, "encoding").equals("base64")
                            || Members.text(data, "_encoding").equals("base64");
            return base64 ? Members.base64(text) : Members.utf8(text);
        }
        return form(params);
    }

    private static byte[] form(List<JsonObject> params) {
        StringBuilder form = new StringBuilder();
        for (JsonObject param : params) {
            form.append(form.isEmpty() ? "" : "&");
            form.append(encode(Members.text(param, "name"))).append('=');
            form.append(encode(Members.text(param, "value")));
        }
        return Members.utf8(form.toString());
    }

    /** HAR gives names and values as decoded, or as sent; a percent sign tells which. */
    private static String encode(String text) {
        boolean encoded = text.matches("(?:[A-Za-z0-9_.*+-]|%[0-9A-Fa-f]{2})*");
        return encoded ? text : URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static byte[] multipart(List<JsonObject> params) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (JsonObject param : params) {
            StringBuilder head = new StringBuilder("--").append(BOUNDARY).append("\r\n");
            head.append("Content-Disposition: form-data; name=\"");
            head.append(Members.text(param, "name")).append('"');
            if (Members.has(param, "fileName")) {
                head.append("; filename=\"").append(Members.text(param, "fileName")).append('"');
            }
            head.append("\r\n");
            if (Members.has(param, "contentType")) {
                head.append("Content-Type: ").append(Members.text(param, "contentType"));
                head.append("\r\n");
            }
            out.writeBytes(Members.utf8(head.append("\r\n").toString()));
            out.writeBytes(Members.utf8(Members.text(param, "value")));
            out.writeBytes(Members.utf8("\r\n"));
        }
        out.writeBytes(Members.utf8("--" + BOUNDARY + "--\r\n"));
        return out.toByteArray();
    }

    private static CapturedExchange.@Nullable Response response(@Nullable JsonObject response)
            throws CaptureFormatException {
        if (response == null) {
            return null;
        }
        List<HeaderField> headers = headers(response);
        JsonObject content = Members.object(response, "content");
        byte[] body = new byte[0];
        if (content != null) {
            String text = Members.text(content, "text");
            body =
                    Members.text(content, "encoding").equals("base64")
                            ? Members.base64(text)
                            : Members.utf8(text);
            boolean typed =
                    headers.stream().anyMatch(h -> h.name().equalsIgnoreCase("content-type"));
            if (!typed) {
                headers.add(new HeaderField("content-type", Members.text(content, "mimeType")));
            }
        }
        return new CapturedExchange.Response(
                Members.number(response, "status"), headers, body, List.of());
    }

    private static List<CapturedExchange.Message> messages(JsonObject entry)
            throws CaptureFormatException {
        List<CapturedExchange.Message> messages = new ArrayList<>();
        for (JsonObject message : Members.objects(entry, "_webSocketMessages")) {
            boolean binary = Members.number(message, "opcode") == 2;
            String data = Members.text(message, "data");
            messages.add(
                    new CapturedExchange.Message(
                            Members.text(message, "type").equals("send"),
                            !binary,
                            binary ? Members.base64(data) : Members.utf8(data)));
        }
        return messages;
    }
}
