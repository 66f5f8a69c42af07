// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import dev.chaperone.inspector.Refusal;
import dev.chaperone.inspector.body.BodyFormatException;
import dev.chaperone.inspector.body.CanonicalJson;
import dev.chaperone.inspector.body.JsonObject;
import dev.chaperone.inspector.body.JsonScalar;
import dev.chaperone.inspector.body.JsonValue;
import dev.chaperone.inspector.http.HeaderField;
import dev.chaperone.inspector.http.RequestHead;
import dev.chaperone.model.service.BlockReply;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Renders a refusal in the shape that each client shows to its person. Thread-safe. */
public final class Refusals {
    private static final String MESSAGE = "{message}";
    private static final String REQUEST_ID = "{request_id}";

    /** Carries the text under the names that most clients look for. */
    private static final BlockReply GENERIC =
            new BlockReply(
                    400,
                    "application/json",
                    Map.of(),
                    "{\"error\":{\"message\":\"{message}\",\"type\":\"invalid_request_error\","
                            + "\"code\":\"blocked_by_policy\"},\"message\":\"{message}\","
                            + "\"detail\":\"{message}\"}",
                    null,
                    List.of(),
                    false,
                    List.of(
                            "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\","
                                    + "\"code\":\"blocked_by_policy\",\"message\":\"{message}\"}}"),
                    null,
                    "id");

    private Refusals() {}

    /**
     * A complete HTTP reply.
     *
     * @param status never one that SDKs retry
     * @param headers in order, without content-length
     * @param body the octets
     */
    @SuppressWarnings("ArrayRecordComponent") // written once, never compared
    public record HttpReply(int status, List<HeaderField> headers, byte[] body) {
        public HttpReply {
            headers = List.copyOf(headers);
        }
    }

    /**
     * The reply to a refused request. The message is followed by the refusal's id.
     *
     * @param match null for a request on an opened host that no endpoint fits
     * @param decodedBody the request's, or null when it was not read
     */
    public static HttpReply http(
            @Nullable EndpointMatch match,
            RequestHead head,
            byte @Nullable [] decodedBody,
            Refusal refusal) {
        BlockReply declared = match == null ? null : match.endpoint().blockReply();
        BlockReply reply = declared == null ? GENERIC : declared;
        JsonValue request = parse(match, head, decodedBody == null ? new byte[0] : decodedBody);
        HttpReply rendered = render(reply, match, head, request, refusal);
        return rendered != null ? rendered : http(null, head, decodedBody, refusal);
    }

    /** The reply, or null when the catalogue's one cannot be rendered. */
    private static @Nullable HttpReply render(
            BlockReply reply,
            @Nullable EndpointMatch match,
            RequestHead head,
            JsonValue request,
            Refusal refusal) {
        String id = requestId(match, head, request);
        String text = message(refusal);
        boolean streams = reply.streamReply() && asksForStream(head, request);
        boolean onlyStream = reply.body() == null && reply.bodyRaw() == null;
        if (!reply.sse().isEmpty() && (streams || onlyStream)) {
            String events = fill(String.join("", reply.sse()), text, id);
            return reply(
                    streams ? 200 : reply.status(), "text/event-stream", reply, head, utf8(events));
        }
        if (reply.body() != null) {
            byte[] body = utf8(fill(reply.body(), text, id));
            return reply(reply.status(), reply.contentType(), reply, head, body);
        }
        if (reply.bodyRaw() != null) {
            String body = fill(reply.bodyRaw(), text, id);
            boolean left = body.contains("{len}") || body.contains("{json-string");
            return left
                    ? null
                    : reply(reply.status(), reply.contentType(), reply, head, utf8(body));
        }
        return reply.connectEnd() == null
                ? null
                : reply(
                        reply.status(),
                        reply.contentType(),
                        reply,
                        head,
                        endFrame(utf8(fill(reply.connectEnd(), text, id))));
    }

    /** An end-of-stream frame: flag 2 and the length (Connect protocol §Streaming RPCs). */
    private static byte[] endFrame(byte[] json) {
        return ByteBuffer.allocate(5 + json.length)
                .put((byte) 2)
                .putInt(json.length)
                .put(json)
                .array();
    }

    private static HttpReply reply(
            int status, String contentType, BlockReply reply, RequestHead head, byte[] body) {
        List<HeaderField> headers = new ArrayList<>();
        headers.add(new HeaderField("content-type", contentType));
        headers.add(new HeaderField("cache-control", "no-store"));
        headers.add(new HeaderField("x-content-type-options", "nosniff"));
        // Honoured by the OpenAI and Anthropic SDKs.
        headers.add(new HeaderField("x-should-retry", "false"));
        reply.headers().forEach((name, value) -> headers.add(new HeaderField(name, value)));
        Optional<String> origin = head.header("origin");
        if (origin.isPresent()) {
            // Without these a page sees a network error only (Fetch §3.2).
            headers.add(new HeaderField("access-control-allow-origin", origin.get()));
            headers.add(new HeaderField("access-control-allow-credentials", "true"));
            headers.add(new HeaderField("vary", "origin"));
        }
        return new HttpReply(status, headers, body);
    }

    /** The text messages that answer a refused client message, in order. */
    public static List<byte[]> messages(
            EndpointMatch match, RequestHead head, byte[] refusedMessage, Refusal refusal) {
        BlockReply declared = match.endpoint().blockReply();
        BlockReply reply = declared == null || declared.wsFrames().isEmpty() ? GENERIC : declared;
        JsonValue request = parse(match, head, refusedMessage);
        String id = requestId(match, head, request);
        List<byte[]> messages = new ArrayList<>();
        for (String frame : reply.wsFrames()) {
            messages.add(utf8(fill(frame, message(refusal), id)));
        }
        return messages;
    }

    private static String message(Refusal refusal) {
        return refusal.message().contains(refusal.id())
                ? refusal.message()
                : refusal.message() + " [" + refusal.id() + "]";
    }

    /** The refused document that names the request; an empty object when there is none. */
    private static JsonValue parse(@Nullable EndpointMatch match, RequestHead head, byte[] body) {
        if (match == null || body.length == 0) {
            return new JsonObject();
        }
        Scope scope = new Scope(head, match.pathGroups());
        CompiledRequest facts = match.compiled().request;
        try {
            List<JsonValue> documents = BodyDecoder.decode(facts.decode(), scope, body).documents();
            for (JsonValue document : documents) {
                if (facts.frameFilter() == null || facts.frameFilter().holds(document, scope)) {
                    return document;
                }
            }
        } catch (BodyFormatException | BodyDecoder.NotBuiltException _) {
            // What cannot be read has no id to repeat.
        }
        return new JsonObject();
    }

    /** The JSON form of what the reply has to repeat. */
    private static String requestId(
            @Nullable EndpointMatch match, RequestHead head, JsonValue request) {
        if (match == null) {
            return "null";
        }
        Scope scope = new Scope(head, match.pathGroups());
        List<JsonValue> found = match.compiled().requestId.select(request, scope);
        return found.isEmpty() || AttachmentReader.isContainer(found.getFirst())
                ? "null"
                : CanonicalJson.of(found.getFirst());
    }

    private static boolean asksForStream(RequestHead head, JsonValue request) {
        boolean accepts = head.header("accept").orElse("").contains("text/event-stream");
        return accepts
                || (request instanceof JsonObject object
                        && object.get("stream") instanceof JsonScalar stream
                        && stream.raw().equals("true"));
    }

    private static String fill(String template, String message, String idJson) {
        boolean isText = idJson.startsWith("\"");
        String inText = isText ? idJson.substring(1, idJson.length() - 1) : idJson;
        // A number stays a number: JSON-RPC 2.0 §5 wants the id as it came.
        String filled =
                template.replace("\"" + REQUEST_ID + "\"", idJson).replace(REQUEST_ID, inText);
        String once = CanonicalJson.escape(message);
        // In JSON that stands in a JSON string.
        String twice = CanonicalJson.escape(once);
        return filled.replace("\\\"" + MESSAGE, "\\\"" + twice).replace(MESSAGE, once);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
