// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import dev.chaperone.inspector.body.BodyFormatException;
import dev.chaperone.inspector.body.FormReader;
import dev.chaperone.inspector.body.JsonArray;
import dev.chaperone.inspector.body.JsonObject;
import dev.chaperone.inspector.body.JsonReader;
import dev.chaperone.inspector.body.JsonScalar;
import dev.chaperone.inspector.body.JsonValue;
import dev.chaperone.inspector.body.MultipartReader;
import dev.chaperone.inspector.body.RawText;
import dev.chaperone.inspector.body.Source;
import dev.chaperone.inspector.body.Text;
import dev.chaperone.inspector.framing.Records;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Turns a body into documents by the steps an endpoint declares. */
final class BodyDecoder {
    /** The size of a body that is a file. */
    static final String RAW_SIZE = "_raw_size";

    private BodyDecoder() {}

    /**
     * What a body holds.
     *
     * @param documents what the endpoint's paths are read from
     * @param roots what the body is as a whole: holds the documents and everything beside them
     */
    record Decoded(List<JsonValue> documents, List<JsonValue> roots) {}

    /**
     * Runs the steps. Where one finds nothing, what was there before is the document: an unexpected
     * shape is scanned, never passed over.
     */
    static Decoded decode(List<DecodeStep> steps, Scope scope, byte[] body)
            throws BodyFormatException, NotBuiltException {
        if (steps.stream().anyMatch(s -> s.kind() == DecodeStep.Kind.NOT_BUILT)) {
            throw new NotBuiltException();
        }
        if (steps.isEmpty()) {
            List<JsonValue> unexpected = body.length == 0 ? List.of() : List.of(raw(body));
            return new Decoded(List.of(), unexpected);
        }
        List<JsonValue> roots = whole(steps.getFirst(), scope, body);
        List<JsonValue> documents = roots;
        for (int i = 0; i < steps.size(); i++) {
            List<JsonValue> found = next(steps.get(i), i == 0, scope, documents);
            if (found.isEmpty()) {
                break;
            }
            documents = found;
        }
        return new Decoded(documents, roots);
    }

    private static List<JsonValue> whole(DecodeStep step, Scope scope, byte[] body)
            throws BodyFormatException {
        String contentType = scope.head().header("content-type").orElse("");
        return switch (kind(step.kind(), contentType)) {
            case JSON -> {
                requireUtf8(contentType);
                yield body.length == 0 ? List.of() : List.of(JsonReader.read(body, Source.BODY));
            }
            case WS -> List.of(JsonReader.read(body, Source.BODY));
            case SIGNALR -> records(body);
            case FORM, FORM_FIELD -> {
                requireUtf8(contentType);
                yield List.of(FormReader.read(body, Source.BODY));
            }
            case MULTIPART -> List.of(MultipartReader.read(body, contentType, Source.BODY));
            case QUERY ->
                    body.length == 0 ? List.of(scope.query()) : List.of(scope.query(), raw(body));
            case RAW -> List.of(raw(body));
            case AT, NOT_BUILT -> throw malformed();
        };
    }

    /** Some clients send the same fields as JSON, as a form and as multipart. */
    private static DecodeStep.Kind kind(DecodeStep.Kind declared, String contentType) {
        boolean fields =
                declared == DecodeStep.Kind.JSON
                        || declared == DecodeStep.Kind.FORM
                        || declared == DecodeStep.Kind.MULTIPART;
        String type = contentType.toLowerCase(Locale.ROOT);
        if (!fields) {
            return declared;
        }
        if (type.startsWith("multipart/form-data")) {
            return DecodeStep.Kind.MULTIPART;
        }
        if (type.startsWith("application/x-www-form-urlencoded")) {
            return DecodeStep.Kind.FORM;
        }
        return type.startsWith("application/json") ? DecodeStep.Kind.JSON : declared;
    }

    private static List<JsonValue> next(
            DecodeStep step, boolean first, Scope scope, List<JsonValue> documents)
            throws BodyFormatException {
        List<JsonValue> results = new ArrayList<>();
        for (JsonValue document : documents) {
            switch (step.kind()) {
                case FORM_FIELD -> field(document, step.name(), results);
                case AT -> {
                    Path path = step.path();
                    if (path != null) {
                        results.addAll(path.select(document, scope));
                    }
                }
                case JSON -> {
                    if (first) {
                        results.add(document);
                    } else if (document instanceof Text text) {
                        results.add(text.parsed().orElseThrow(BodyDecoder::malformed));
                    }
                }
                default -> results.add(document);
            }
        }
        return results;
    }

    private static void field(JsonValue form, String name, List<JsonValue> results) {
        JsonValue field = form instanceof JsonObject object ? object.get(name) : null;
        if (field instanceof JsonArray several) {
            results.addAll(several.elements());
        } else if (field != null) {
            results.add(field);
        }
    }

    private static JsonValue raw(byte[] body) {
        JsonObject file = new JsonObject();
        file.add(RAW_SIZE, JsonScalar.number(Integer.toString(body.length)));
        if (RawText.fits(body, 0, body.length)) {
            file.add(MultipartReader.CONTENT, new RawText(body, 0, body.length, Source.BODY));
        }
        return file;
    }

    private static List<JsonValue> records(byte[] message) throws BodyFormatException {
        List<JsonValue> records = new ArrayList<>();
        for (Records.Span record : Records.spans(message)) {
            records.add(JsonReader.read(message, record.start(), record.end(), Source.BODY));
        }
        return records;
    }

    /** JSON and forms are UTF-8 (RFC 8259 §8.1, WHATWG URL §5.1); another charset hides text. */
    private static void requireUtf8(String contentType) throws BodyFormatException {
        String lower = contentType.toLowerCase(Locale.ROOT);
        int at = lower.indexOf("charset=");
        if (at < 0) {
            return;
        }
        String charset = lower.substring(at + 8).replace("\"", "").strip();
        if (!charset.startsWith("utf-8")
                && !charset.startsWith("utf8")
                && !charset.startsWith("us-ascii")) {
            throw new BodyFormatException(BodyFormatException.Reason.NOT_UTF8);
        }
    }

    private static BodyFormatException malformed() {
        return new BodyFormatException(BodyFormatException.Reason.MALFORMED);
    }

    /** The endpoint's notation belongs to a later version. */
    static final class NotBuiltException extends Exception {
        private static final long serialVersionUID = 1L;

        NotBuiltException() {
            super("notation not built", null, false, false);
        }
    }
}
