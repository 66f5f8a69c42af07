// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.capture;

import dev.chaperone.inspector.body.JsonArray;
import dev.chaperone.inspector.body.JsonObject;
import dev.chaperone.inspector.body.JsonScalar;
import dev.chaperone.inspector.body.JsonValue;
import dev.chaperone.inspector.body.Text;
import dev.chaperone.inspector.http.ContentDecoding;
import dev.chaperone.inspector.http.HeaderField;
import dev.chaperone.inspector.http.RequestHead;
import dev.chaperone.inspector.http.UndecodableException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a fixture: exact bytes of one exchange. Never looks at {@code expect}. */
final class FixtureReader {
    private static final int MAX_BODY = 64 << 20;

    private FixtureReader() {}

    static CapturedExchange read(JsonObject root, String name) throws CaptureFormatException {
        JsonObject request = Members.object(root, "request");
        if (request == null) {
            throw new CaptureFormatException("a fixture without a request");
        }
        List<HeaderField> headers = headers(request);
        RequestHead head =
                Members.head(
                        Members.text(request, "method"),
                        Members.text(request, "url"),
                        headers,
                        Members.text(request, "http_version"));
        byte[] wire = body(Members.object(request, "body"));
        List<CapturedExchange.Message> messages = new ArrayList<>();
        JsonObject ws = Members.object(root, "ws");
        if (ws != null) {
            for (JsonObject frame : Members.objects(ws, "frames")) {
                messages.add(
                        new CapturedExchange.Message(
                                Members.text(frame, "dir").equals("c2s"),
                                Members.text(frame, "op").equals("text"),
                                body(frame)));
            }
        }
        String id = Members.text(root, "id");
        return new CapturedExchange(
                id.isEmpty() ? name : id,
                head,
                decoded(headers, wire),
                wire.length,
                response(Members.object(root, "response")),
                messages);
    }

    private static CapturedExchange.@Nullable Response response(@Nullable JsonObject response)
            throws CaptureFormatException {
        if (response == null) {
            return null;
        }
        List<Integer> reads = new ArrayList<>();
        if (response.get("chunks") instanceof JsonArray chunks) {
            for (JsonValue chunk : chunks.elements()) {
                if (chunk instanceof JsonScalar size) {
                    reads.add(Integer.valueOf(size.raw()));
                }
            }
        }
        List<HeaderField> headers = headers(response);
        byte[] decoded = decoded(headers, body(Members.object(response, "body")));
        return new CapturedExchange.Response(
                Members.number(response, "status"),
                headers,
                decoded == null ? new byte[0] : decoded,
                reads);
    }

    private static byte @Nullable [] decoded(List<HeaderField> headers, byte[] wire) {
        StringBuilder codings = new StringBuilder();
        for (HeaderField field : headers) {
            if (field.name().equalsIgnoreCase("content-encoding")) {
                codings.append(codings.isEmpty() ? "" : ",").append(field.value());
            }
        }
        try {
            return ContentDecoding.decode(codings.toString(), wire, MAX_BODY);
        } catch (UndecodableException _) {
            return null;
        }
    }

    private static List<HeaderField> headers(JsonObject message) {
        List<HeaderField> headers = new ArrayList<>();
        if (message.get("headers") instanceof JsonArray lines) {
            for (JsonValue line : lines.elements()) {
                if (line instanceof JsonArray pair
                        && pair.elements().size() == 2
                        && pair.elements().get(0) instanceof Text name
                        && pair.elements().get(1) instanceof Text value) {
                    headers.add(new HeaderField(name.value(), value.value()));
                }
            }
        }
        return headers;
    }

    private static byte[] body(@Nullable JsonObject body) throws CaptureFormatException {
        if (body == null) {
            return new byte[0];
        }
        return Members.has(body, "base64")
                ? Members.base64(Members.text(body, "base64"))
                : Members.utf8(Members.text(body, "utf8"));
    }
}
