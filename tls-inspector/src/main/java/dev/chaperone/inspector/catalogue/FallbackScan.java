// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import dev.chaperone.inspector.body.JsonArray;
import dev.chaperone.inspector.body.JsonObject;
import dev.chaperone.inspector.body.JsonScalar;
import dev.chaperone.inspector.body.JsonValue;
import dev.chaperone.inspector.body.MultipartReader;
import dev.chaperone.inspector.body.PlainText;
import dev.chaperone.inspector.body.RawText;
import dev.chaperone.inspector.body.Source;
import dev.chaperone.inspector.body.Text;
import dev.chaperone.model.prompt.Origin;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * Finds the strings of a document that the catalogue does not declare, so that a secret in a new
 * field, a tool's description or a nested document is seen.
 */
final class FallbackScan {
    /** No secret and no personal datum that detectors know is shorter. */
    private static final int SHORTEST = 8;

    /** A longer token of base64 letters is bytes: a signature, an image, encrypted reasoning. */
    private static final int BLOB = 512;

    /** Members whose short values are words of the protocol. */
    private static final Set<String> PROTOCOL =
            Set.of(
                    "type",
                    "role",
                    "object",
                    "model",
                    "event",
                    "mime",
                    "mime_type",
                    "mimeType",
                    "media_type",
                    "status",
                    "encoding",
                    "detail",
                    "format",
                    "author");

    private final SegmentList segments;
    private final IdentityHashMap<JsonValue, Origin> turns;

    /**
     * @param turns origins of turns that are known
     */
    FallbackScan(SegmentList segments, IdentityHashMap<JsonValue, Origin> turns) {
        this.segments = segments;
        this.turns = turns;
    }

    void scan(JsonValue value, String name, Origin outer) {
        Origin origin = turns.getOrDefault(value, outer);
        switch (value) {
            case JsonObject object -> {
                Origin inner = turns.containsKey(value) ? origin : Origins.ofObject(object, origin);
                for (int i = 0; i < object.size(); i++) {
                    Text content = object.nameText(i);
                    if (content != null) {
                        segments.add(content, inner);
                    }
                    scan(object.value(i), object.name(i), Origins.ofMember(object.name(i), inner));
                }
            }
            case JsonArray array -> {
                for (JsonValue element : array.elements()) {
                    scan(element, name, origin);
                }
            }
            case Text text -> leaf(text, name, origin);
            case JsonScalar _ -> {}
        }
    }

    private void leaf(Text text, String name, Origin origin) {
        // File names and the like of a multipart head cannot be changed in place.
        if (segments.knows(text) || text instanceof PlainText) {
            return;
        }
        if (text.wasParsed()) {
            text.parsed().ifPresent(nested -> scan(nested, name, origin));
            return;
        }
        String value = text.value();
        if (value.length() < SHORTEST || isProtocol(name, value) || isUuid(value)) {
            return;
        }
        if (value.length() >= BLOB && isBlob(value)) {
            blob(text, 0);
            return;
        }
        AttachmentReader.DataUrl url = AttachmentReader.DataUrl.of(value);
        if (url != null && url.base64()) {
            blob(text, url.start());
            return;
        }
        segments.add(text, name.equals(MultipartReader.CONTENT) ? Origin.FILE : origin);
    }

    /** Bytes that turn out to be text are read; others are nobody's prompt. */
    private void blob(Text text, int start) {
        byte[] bytes = AttachmentReader.DataUrl.decode(text.value(), start);
        if (bytes != null && RawText.fits(bytes, 0, bytes.length)) {
            segments.leaveOut(text);
            Source source = new Source.InBase64(text, start, bytes);
            segments.add(new RawText(bytes, 0, bytes.length, source), Origin.FILE);
        }
    }

    /**
     * Adds what a text that is itself JSON hides behind its own escapes. What stands there in clear
     * is seen in the text already.
     */
    void nestedEscapes(Text text, Origin origin) {
        String value = text.value();
        char first = value.isEmpty() ? ' ' : value.charAt(0);
        if ((first == '{' || first == '[') && value.indexOf('\\') >= 0) {
            text.parsed().ifPresent(nested -> escaped(nested, origin));
        }
    }

    private void escaped(JsonValue value, Origin origin) {
        switch (value) {
            case JsonObject object -> {
                for (int i = 0; i < object.size(); i++) {
                    escaped(object.value(i), origin);
                }
            }
            case JsonArray array -> array.elements().forEach(e -> escaped(e, origin));
            case Text text -> {
                if (text.isEscaped()) {
                    segments.add(text, origin);
                }
            }
            case JsonScalar _ -> {}
        }
    }

    private static boolean isProtocol(String name, String value) {
        if (value.length() > 32 || !PROTOCOL.contains(name)) {
            return false;
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if ((c < 'a' || c > 'z') && c != '_' && c != '-' && c != '.' && c != '/') {
                return false;
            }
        }
        return true;
    }

    /** RFC 9562 §4. */
    private static boolean isUuid(String value) {
        if (value.length() != 36) {
            return false;
        }
        for (int i = 0; i < 36; i++) {
            boolean dash = i == 8 || i == 13 || i == 18 || i == 23;
            char c = value.charAt(i);
            if (dash ? c != '-' : Character.digit(c, 16) < 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean isBlob(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            boolean base64 =
                    (c >= 'a' && c <= 'z')
                            || (c >= 'A' && c <= 'Z')
                            || (c >= '0' && c <= '9')
                            || c == '+'
                            || c == '/'
                            || c == '='
                            || c == '-'
                            || c == '_'
                            || c == '\n'
                            || c == '\r';
            if (!base64) {
                return false;
            }
        }
        return true;
    }
}
