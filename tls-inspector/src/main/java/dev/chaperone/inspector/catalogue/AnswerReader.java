// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import dev.chaperone.inspector.body.BodyFormatException;
import dev.chaperone.inspector.body.JsonArray;
import dev.chaperone.inspector.body.JsonReader;
import dev.chaperone.inspector.body.JsonValue;
import dev.chaperone.inspector.body.PlainText;
import dev.chaperone.inspector.body.Source;
import dev.chaperone.inspector.body.Text;
import dev.chaperone.inspector.framing.BodyBuffer;
import dev.chaperone.inspector.framing.LineDecoder;
import dev.chaperone.inspector.framing.Records;
import dev.chaperone.inspector.framing.SseDecoder;
import dev.chaperone.inspector.http.RequestHead;
import dev.chaperone.model.prompt.Answer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads one answer while it passes. One per answer; not thread-safe. Keeps at most 1 MiB of text,
 * and at most 4 MiB of a body that can only be read whole.
 */
public final class AnswerReader {
    private static final int MAX_BODY = 4 << 20;
    private static final int MAX_EVENT = 1 << 20;
    private static final int MAX_KEYS = 65_536;

    /** Where services put the reason of an HTTP error, for endpoints that declare none. */
    private static final List<Path> ERRORS =
            Path.all(
                    List.of(
                            "error.message",
                            "error",
                            "detail.message",
                            "detail",
                            "message",
                            "errors[0].message"));

    private static final CompiledResponse NOTHING =
            new CompiledResponse(null, "none", Set.of(), null, null, "", null, List.of());

    private final CompiledResponse facts;
    private final String framing;
    private final Scope scope;
    private final boolean failed;
    private final AnswerBuilder builder;
    private final @Nullable PatchedDocuments patched;
    private final SseDecoder sse;
    private final LineDecoder lines;
    private final BodyBuffer whole = new BodyBuffer(MAX_BODY);
    private final Set<String> seen = new HashSet<>();
    private boolean stopped;

    private AnswerReader(CompiledResponse facts, String framing, Scope scope, boolean failed) {
        this.facts = facts;
        this.framing = framing;
        this.scope = scope;
        this.failed = failed;
        this.builder = new AnswerBuilder(scope);
        this.patched =
                facts.patch() == null
                        ? null
                        : new PatchedDocuments(facts.patch(), scope, PatchedDocuments.UNHEARD);
        this.sse = new SseDecoder(MAX_EVENT, this::sseEvent);
        this.lines = new LineDecoder(MAX_EVENT, this::line);
    }

    /**
     * A reader for an HTTP answer.
     *
     * @param contentType the answer's, or the empty string
     */
    public static AnswerReader forResponse(
            EndpointMatch match, RequestHead head, int status, String contentType) {
        Scope scope = new Scope(head, match.pathGroups());
        String type = contentType.toLowerCase(Locale.ROOT);
        CompiledResponse facts = facts(match, type);
        return new AnswerReader(facts, framing(facts, status, type), scope, status >= 400);
    }

    /** What is known of an answer of a content type, in lower case. */
    static CompiledResponse facts(EndpointMatch match, String type) {
        for (CompiledResponse response : match.compiled().responses) {
            if (response.whenContentType() == null
                    || response.whenContentType().matcher(type).find()) {
                return response;
            }
        }
        return NOTHING;
    }

    /** How it is cut: an error comes as one document where the catalogue knows the stream only. */
    static String framing(CompiledResponse facts, int status, String type) {
        boolean document = type.contains("json") && !type.contains("ndjson");
        boolean stream = facts.framing().equals("sse") || facts.framing().equals("none");
        return status >= 400 && document && stream ? "json" : facts.framing();
    }

    /** A reader for what the service sends over a WebSocket. */
    public static AnswerReader forMessages(EndpointMatch match, RequestHead head) {
        List<CompiledResponse> responses = match.compiled().responses;
        CompiledResponse facts = responses.isEmpty() ? NOTHING : responses.getFirst();
        return new AnswerReader(facts, facts.framing(), new Scope(head, match.pathGroups()), false);
    }

    /** Takes the next bytes of the body, after Content-Encoding, cut anywhere. */
    public void feed(byte[] bytes, int offset, int length) {
        switch (framing) {
            case "sse" -> sse.feed(bytes, offset, length);
            case "ndjson", "numbered-lines" -> lines.feed(bytes, offset, length);
            case "json", "json-or-array", "json-array-at", "text" ->
                    whole.feed(bytes, offset, length);
            default -> {}
        }
    }

    /** Takes a whole message. JSON is read in binary messages too. */
    public void message(byte[] payload, boolean text) {
        switch (framing) {
            case "ws-json" -> elements(payload).forEach(e -> event("", e, payload.length));
            case "ws-sse-in-json" -> elements(payload).forEach(this::embedded);
            case "signalr" -> {
                for (Records.Span record : Records.spans(payload)) {
                    byte[] json = Arrays.copyOfRange(payload, record.start(), record.end());
                    elements(json).forEach(e -> event("", e, json.length));
                }
            }
            default -> {}
        }
    }

    /** The elements of an array, or the one document. */
    private static List<JsonValue> elements(byte[] json) {
        JsonValue document = parse(json);
        if (document == null) {
            return List.of();
        }
        return document instanceof JsonArray array ? array.elements() : List.of(document);
    }

    /** A part of an event stream that a message carries; catch-ups repeat parts. */
    private void embedded(JsonValue message) {
        String key = facts.dedupe() == null ? null : facts.dedupe().firstValue(message, scope);
        if (key != null && (seen.size() >= MAX_KEYS || !seen.add(key))) {
            return;
        }
        if (facts.item() != null) {
            for (JsonValue part : facts.item().select(message, scope)) {
                if (part instanceof Text text) {
                    byte[] bytes = text.value().getBytes(StandardCharsets.UTF_8);
                    sse.feed(bytes, 0, bytes.length);
                }
            }
        }
    }

    private void sseEvent(String name, String data) {
        String trimmed = data.strip();
        if (stopped) {
            return;
        }
        if (facts.stopAt().contains(trimmed)) {
            // An answer over a socket is followed by the next one's.
            stopped = framing.equals("sse");
            return;
        }
        JsonValue document = parse(data.getBytes(StandardCharsets.UTF_8));
        framed(name, document == null ? new PlainText(data) : document, data.length());
    }

    private void line(byte[] line) {
        if (line.length == 0) {
            return;
        }
        if (framing.equals("ndjson")) {
            JsonValue document = parse(line);
            if (document != null) {
                framed("", document, line.length);
            }
            return;
        }
        String text = new String(line, StandardCharsets.UTF_8);
        int colon = text.indexOf(':');
        if (colon > 0) {
            JsonValue document = parse(text.substring(colon + 1).getBytes(StandardCharsets.UTF_8));
            if (document != null) {
                framed(text.substring(0, colon), document, line.length);
            }
        }
    }

    /** A frame of a stream; {@code item} turns it into its events. */
    private void framed(String name, JsonValue document, int length) {
        if (facts.item() == null || framing.equals("ws-sse-in-json")) {
            event(name, document, length);
        } else {
            facts.item().select(document, scope).forEach(e -> event(name, e, length));
        }
    }

    private void event(String name, JsonValue event, int length) {
        if (patched != null) {
            patched.event(name, event, length);
        }
        builder.event(facts.rules(), name, event);
        if (failed && !builder.hasError()) {
            builder.error(ERRORS, event);
        }
    }

    private static @Nullable JsonValue parse(byte[] json) {
        try {
            return JsonReader.read(json, Source.DETACHED);
        } catch (BodyFormatException _) {
            return null;
        }
    }

    /** Ends the answer: a last frame whose end never came is read too. */
    public Answer finish() {
        endOpenFrame();
        return soFar();
    }

    /** What was read so far; more may be fed afterwards. */
    public Answer soFar() {
        AnswerBuilder result = builder.copy();
        if (sse.isOverflown()
                || lines.isOverflown()
                || whole.isOverflown()
                || (patched != null && patched.isOverflown())) {
            result.truncate();
        }
        readWhole(result);
        if (facts.patch() != null && patched != null) {
            for (JsonValue document : new ArrayList<>(patched.documents())) {
                result.event(facts.patch().collect(), "", document);
            }
        }
        return result.answer(facts.strip());
    }

    /** The last frame of a stream that ended early, if it is whole. */
    private void endOpenFrame() {
        if (framing.equals("sse")) {
            sse.end();
        } else if (framing.equals("ndjson") || framing.equals("numbered-lines")) {
            if (lines.rest().length > 0) {
                lines.feed(new byte[] {'\n'}, 0, 1);
            }
        }
    }

    private void readWhole(AnswerBuilder result) {
        byte[] body = whole.toBytes();
        if (body.length == 0) {
            return;
        }
        if (framing.equals("text")) {
            JsonValue text = new PlainText(new String(body, StandardCharsets.UTF_8));
            result.event(facts.rules(), "", text);
            return;
        }
        JsonValue document = parse(body);
        if (document == null) {
            return;
        }
        List<JsonValue> events = List.of(document);
        if (framing.equals("json-or-array") && document instanceof JsonArray array) {
            events = array.elements();
        } else if (framing.equals("json-array-at") && facts.item() != null) {
            events = facts.item().select(document, scope);
        }
        for (JsonValue event : events) {
            result.event(facts.rules(), "", event);
            if (failed && !result.hasError()) {
                result.error(ERRORS, event);
            }
        }
    }
}
