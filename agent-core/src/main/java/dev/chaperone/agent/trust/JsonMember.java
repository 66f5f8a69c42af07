// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.trust;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * A string member of an object member of a JSON document: {@code {"env": {"NAME": "value"}}}.
 * Edited in the text, so that the person's own layout stays. RFC 8259; no comments, as the tools
 * that read these files take none.
 *
 * @param object name of the object, at the top level
 * @param name name of the member in it
 * @param value what it gets
 * @param replaced the person's own value, which comes back; null when there was none
 */
record JsonMember(String object, String name, String value, @Nullable String replaced)
        implements Edit {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /**
     * Offsets in the text; -1 for what is not there.
     *
     * @param root after the document's brace
     * @param object after the object's brace
     * @param key at the member's name
     * @param value at the member's value
     * @param end after the member's value
     */
    private record Places(
            int root, int object, int key, int value, int end, @Nullable String text) {
        static final Places NONE = new Places(-1, -1, -1, -1, -1, null);
    }

    /** What the document holds there now; empty when it has no such string. */
    static Optional<String> read(byte[] document, String object, String name)
            throws TrustException {
        return Optional.ofNullable(
                new JsonMember(object, name, "", null).find(utf8(document)).text());
    }

    @Override
    public byte[] apply(byte[] before) throws TrustException {
        String text = utf8(before);
        if (text.isBlank()) {
            return bytes("{\n  " + quoted(object) + ": {\n    " + member() + "\n  }\n}\n");
        }
        Places at = find(text);
        if (at.root < 0) {
            throw new TrustException("holds no JSON object; mend it and try again");
        }
        if (at.value >= 0) {
            return value.equals(at.text)
                    ? before
                    : bytes(text.substring(0, at.value) + quoted(value) + text.substring(at.end));
        }
        if (at.object >= 0) {
            return bytes(inserted(text, at.object, "\n    " + member(), "\n  "));
        }
        String whole = quoted(object) + ": {\n    " + member() + "\n  }";
        return bytes(inserted(text, at.root, "\n  " + whole, "\n"));
    }

    @Override
    public Optional<byte[]> remove(byte[] current) throws TrustException {
        String text = utf8(current);
        Places at = find(text);
        if (at.value < 0 || !value.equals(at.text)) {
            return Optional.empty();
        }
        String own = replaced;
        if (own != null) {
            return Optional.of(
                    bytes(text.substring(0, at.value) + quoted(own) + text.substring(at.end)));
        }
        int from = at.key;
        int to = skipSpace(text, at.end);
        if (to < text.length() && text.charAt(to) == ',') {
            to = skipSpace(text, to + 1);
        } else {
            to = at.end;
            int before = lastBefore(text, from);
            from = before >= 0 && text.charAt(before) == ',' ? before : from;
        }
        return Optional.of(bytes(text.substring(0, from) + text.substring(to)));
    }

    private static String inserted(String text, int at, String member, String ifEmpty) {
        boolean empty = text.charAt(skipSpace(text, at)) == '}';
        int on = empty ? skipSpace(text, at) : at;
        return text.substring(0, at) + member + (empty ? ifEmpty : ",") + text.substring(on);
    }

    private static int skipSpace(String text, int from) {
        int i = from;
        while (i < text.length() && Character.isWhitespace(text.charAt(i))) {
            i++;
        }
        return i;
    }

    private static int lastBefore(String text, int from) {
        int i = from - 1;
        while (i >= 0 && Character.isWhitespace(text.charAt(i))) {
            i--;
        }
        return i;
    }

    private String member() {
        return quoted(name) + ": " + quoted(value);
    }

    private Places find(String text) throws TrustException {
        Places found = Places.NONE;
        try (JsonParser in = new JsonFactory().createParser(ObjectReadContext.empty(), text)) {
            if (in.nextToken() != JsonToken.START_OBJECT) {
                return found;
            }
            found = new Places(after(in), -1, -1, -1, -1, null);
            while (in.nextToken() == JsonToken.PROPERTY_NAME) {
                boolean ours = object.equals(in.currentName());
                JsonToken opens = in.nextToken();
                if (ours && opens != JsonToken.START_OBJECT) {
                    throw new TrustException(
                            "'" + object + "' is no object there; mend it and try again");
                }
                if (ours) {
                    found = inObject(in, found);
                } else {
                    in.skipChildren();
                }
            }
            in.nextToken();
            return found;
        } catch (JacksonException e) {
            // The exception would quote the file.
            throw new TrustException(
                    "is no valid JSON at line "
                            + (e.getLocation() == null ? 1 : e.getLocation().getLineNr())
                            + " (comments are not allowed there); mend it and try again");
        }
    }

    private Places inObject(JsonParser in, Places found) {
        int object = after(in);
        Places there = new Places(found.root, object, -1, -1, -1, null);
        while (in.nextToken() == JsonToken.PROPERTY_NAME) {
            boolean ours = name.equals(in.currentName());
            int key = start(in);
            JsonToken token = in.nextToken();
            int value = start(in);
            String text = token == JsonToken.VALUE_STRING ? in.getString() : null;
            in.skipChildren();
            if (ours) {
                there = new Places(found.root, object, key, value, after(in), text);
            }
        }
        return there;
    }

    private static int start(JsonParser in) {
        return (int) in.currentTokenLocation().getCharOffset();
    }

    private static int after(JsonParser in) {
        return (int) in.currentLocation().getCharOffset();
    }

    private static String quoted(String text) {
        return JSON.writeValueAsString(text);
    }

    private static String utf8(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
