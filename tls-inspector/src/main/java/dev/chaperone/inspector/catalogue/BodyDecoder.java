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

    static List<JsonValue> decode(List<DecodeStep> steps, Scope scope, byte[] body)
            throws BodyFormatException, NotBuiltException {
        if (steps.stream().anyMatch(s -> s.kind() == DecodeStep.Kind.NOT_BUILT)) {
            throw new NotBuiltException();
        }
        List<JsonValue> documents = new ArrayList<>();
        boolean atStart = true;
        for (DecodeStep step : steps) {
            documents = atStart ? first(step, scope, body) : next(step, scope, documents);
            atStart = false;
        }
        return documents;
    }

    private static List<JsonValue> first(DecodeStep step, Scope scope, byte[] body)
            throws BodyFormatException {
        String contentType = scope.head().header("content-type").orElse("");
        return switch (step.kind()) {
            case JSON -> {
                requireUtf8(contentType);
                yield body.length == 0 ? List.of() : List.of(JsonReader.read(body, Source.BODY));
            }
            case WS -> List.of(JsonReader.read(body, Source.BODY));
            case SIGNALR -> records(body);
            case FORM -> {
                requireUtf8(contentType);
                yield List.of(FormReader.read(body, Source.BODY));
            }
            case FORM_FIELD -> {
                requireUtf8(contentType);
                JsonValue field = FormReader.read(body, Source.BODY).get(step.name());
                yield field instanceof JsonArray several
                        ? List.copyOf(several.elements())
                        : field == null ? List.of() : List.of(field);
            }
            case MULTIPART -> List.of(MultipartReader.read(body, contentType, Source.BODY));
            case QUERY -> List.of(scope.query());
            case RAW -> List.of(raw(body));
            case AT, NOT_BUILT -> throw new BodyFormatException(reason());
        };
    }

    private static List<JsonValue> next(DecodeStep step, Scope scope, List<JsonValue> documents)
            throws BodyFormatException {
        List<JsonValue> results = new ArrayList<>();
        for (JsonValue document : documents) {
            switch (step.kind()) {
                case JSON -> {
                    if (!(document instanceof Text text)) {
                        throw new BodyFormatException(reason());
                    }
                    results.add(text.parsed().orElseThrow(() -> new BodyFormatException(reason())));
                }
                case AT -> {
                    Path path = step.path();
                    if (path != null) {
                        results.addAll(path.select(document, scope));
                    }
                }
                default -> throw new BodyFormatException(reason());
            }
        }
        return results;
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

    private static BodyFormatException.Reason reason() {
        return BodyFormatException.Reason.MALFORMED;
    }

    /** The endpoint's notation belongs to a later version. */
    static final class NotBuiltException extends Exception {
        private static final long serialVersionUID = 1L;

        NotBuiltException() {
            super("notation not built", null, false, false);
        }
    }
}
