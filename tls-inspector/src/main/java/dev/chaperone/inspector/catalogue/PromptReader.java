// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import dev.chaperone.inspector.body.BodyFormatException;
import dev.chaperone.inspector.body.JsonArray;
import dev.chaperone.inspector.body.JsonObject;
import dev.chaperone.inspector.body.JsonValue;
import dev.chaperone.inspector.http.RequestHead;
import dev.chaperone.model.prompt.NotInspected;
import dev.chaperone.model.prompt.Prompt;
import java.util.ArrayList;
import java.util.List;

/** Reads prompts out of request bodies and client messages. Thread-safe. */
public final class PromptReader {
    /** Longer messages that are not of the declared form are named unreadable, bytes. */
    private static final int KEEP_ALIVE = 8;

    private PromptReader() {}

    /**
     * Reads a request body.
     *
     * @param decodedBody after Content-Encoding
     */
    public static Reading read(EndpointMatch match, RequestHead head, byte[] decodedBody) {
        Scope scope = new Scope(head, match.pathGroups());
        BodyDecoder.Decoded decoded;
        try {
            decoded = BodyDecoder.decode(match.compiled().request.decode(), scope, decodedBody);
        } catch (BodyFormatException e) {
            return unreadable(e.reason(), decodedBody.length);
        } catch (BodyDecoder.NotBuiltException _) {
            return notBuilt(decodedBody.length);
        }
        if (decoded.roots().isEmpty()) {
            return new Reading.NotAPrompt();
        }
        return build(
                new PromptBuilder(match, scope), decoded.documents(), decoded.roots(), decodedBody);
    }

    /**
     * Reads one message that a client sent over a WebSocket.
     *
     * @param payload unmasked and inflated
     * @param text true for a text message; JSON is read in binary ones too
     */
    public static Reading readMessage(
            EndpointMatch match, RequestHead head, byte[] payload, boolean text) {
        if (payload.length == 0) {
            return new Reading.NotAPrompt();
        }
        Scope scope = new Scope(head, match.pathGroups());
        CompiledRequest facts = match.compiled().request;
        BodyDecoder.Decoded decoded;
        try {
            decoded = BodyDecoder.decode(facts.decode(), scope, payload);
        } catch (BodyFormatException e) {
            // "ping", "2", "3probe": too short to hold anything that detectors know.
            return text && payload.length < KEEP_ALIVE
                    ? new Reading.NotAPrompt()
                    : unreadable(e.reason(), payload.length);
        } catch (BodyDecoder.NotBuiltException _) {
            return notBuilt(payload.length);
        }
        List<JsonValue> prompts = new ArrayList<>();
        for (JsonValue document : decoded.documents()) {
            prompts.addAll(passing(facts, document, scope));
        }
        return build(new PromptBuilder(match, scope), prompts, decoded.roots(), payload);
    }

    /** What the request line and headers alone tell: model, conversation and account. */
    public static Prompt describe(EndpointMatch match, RequestHead head) {
        PromptBuilder builder = new PromptBuilder(match, new Scope(head, match.pathGroups()));
        builder.describe(new JsonObject());
        return builder.prompt();
    }

    /**
     * What a body tells beside texts; for a body that {@link #read} found to be no prompt.
     *
     * @param decodedBody after Content-Encoding
     */
    public static Prompt describe(EndpointMatch match, RequestHead head, byte[] decodedBody) {
        Scope scope = new Scope(head, match.pathGroups());
        PromptBuilder builder = new PromptBuilder(match, scope);
        try {
            BodyDecoder.decode(match.compiled().request.decode(), scope, decodedBody)
                    .documents()
                    .forEach(builder::describe);
        } catch (BodyFormatException | BodyDecoder.NotBuiltException _) {
            // Then the head alone tells.
        }
        builder.describe(new JsonObject());
        return builder.prompt();
    }

    /** The documents of a message that the endpoint's filter lets pass. */
    private static List<JsonValue> passing(CompiledRequest facts, JsonValue document, Scope scope) {
        Condition filter = facts.frameFilter();
        if (filter == null || filter.holds(document, scope)) {
            return List.of(document);
        }
        if (document instanceof JsonArray array) {
            return array.elements().stream().filter(e -> filter.holds(e, scope)).toList();
        }
        return List.of();
    }

    private static Reading build(
            PromptBuilder builder, List<JsonValue> prompts, List<JsonValue> roots, byte[] body) {
        prompts.forEach(builder::declared);
        int declared = builder.segmentCount();
        roots.forEach(builder::undeclared);
        builder.nestedEscapes();
        if (builder.isEmpty()) {
            return new Reading.NotAPrompt();
        }
        roots.forEach(builder::describe);
        return new Reading.Readable(builder.prompt(), builder.map(body), declared);
    }

    private static Reading notBuilt(int bytes) {
        return new Reading.Unreadable(
                new NotInspected(NotInspected.Reason.NOT_BUILT, Codes.NOT_BUILT, bytes));
    }

    private static Reading unreadable(BodyFormatException.Reason reason, int bytes) {
        String code =
                switch (reason) {
                    case MALFORMED -> Codes.MALFORMED;
                    case DUPLICATE_NAME -> Codes.DUPLICATE_NAME;
                    case NOT_UTF8 -> Codes.NOT_UTF8;
                    case TOO_DEEP -> Codes.TOO_DEEP;
                };
        return new Reading.Unreadable(
                new NotInspected(NotInspected.Reason.UNREADABLE, code, bytes));
    }
}
