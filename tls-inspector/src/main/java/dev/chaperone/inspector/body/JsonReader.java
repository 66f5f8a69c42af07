// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.body;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A strict JSON reader (RFC 8259) whose strings remember where they stand. Strings are decoded when
 * they are asked for, member names are shared, so that a prompt is read in one pass over its bytes.
 */
public final class JsonReader {
    /** Deeper documents are refused; the deepest known client sends 40 levels. */
    public static final int MAX_DEPTH = 512;

    /** Member names up to this size are shared. */
    private static final int SHARED_NAME = 32;

    private final byte[] b;
    private final int end;
    private final Source source;
    private final @Nullable String[] names = new String[64];
    private final int[] nameStarts = new int[64];
    private int i;

    private JsonReader(byte[] b, int start, int end, Source source) {
        this.b = b;
        this.i = start;
        this.end = end;
        this.source = source;
    }

    /** Reads one document that fills {@code bytes}; a leading byte order mark is skipped. */
    public static JsonValue read(byte[] bytes, Source source) throws BodyFormatException {
        return read(bytes, 0, bytes.length, source);
    }

    public static JsonValue read(byte[] bytes, int start, int end, Source source)
            throws BodyFormatException {
        int first = start;
        if (end - start >= 3
                && bytes[start] == (byte) 0xef
                && bytes[start + 1] == (byte) 0xbb
                && bytes[start + 2] == (byte) 0xbf) {
            first += 3;
        }
        JsonReader reader = new JsonReader(bytes, first, end, source);
        JsonValue value = reader.value(0);
        if (reader.next() >= 0) {
            throw malformed();
        }
        return value;
    }

    /** The next byte that is not white space, without passing it; -1 at the end. */
    private int next() {
        while (i < end) {
            byte c = b[i];
            if (c > ' ' || c < 0 || (c != ' ' && c != '\n' && c != '\r' && c != '\t')) {
                return c & 0xff;
            }
            i++;
        }
        return -1;
    }

    private JsonValue value(int depth) throws BodyFormatException {
        return switch (next()) {
            case '"' -> string();
            case '{' -> object(depth + 1);
            case '[' -> array(depth + 1);
            case 't' -> literal("true", JsonScalar.TRUE);
            case 'f' -> literal("false", JsonScalar.FALSE);
            case 'n' -> literal("null", JsonScalar.NULL);
            default -> number();
        };
    }

    private JsonValue literal(String word, JsonScalar value) throws BodyFormatException {
        for (int k = 0; k < word.length(); k++) {
            if (i + k >= end || b[i + k] != word.charAt(k)) {
                throw malformed();
            }
        }
        i += word.length();
        return value;
    }

    private JsonValue number() throws BodyFormatException {
        int start = i;
        if (peek() == '-') {
            i++;
        }
        if (peek() == '0') {
            i++;
        } else {
            digits();
        }
        boolean whole = true;
        if (peek() == '.') {
            i++;
            digits();
            whole = false;
        }
        if (peek() == 'e' || peek() == 'E') {
            i++;
            if (peek() == '+' || peek() == '-') {
                i++;
            }
            digits();
            whole = false;
        }
        String raw = new String(b, start, i - start, StandardCharsets.ISO_8859_1);
        // ISO/IEC 7812-1: 15 to 19 digits are what a card number can have in a number's place.
        if (whole && raw.length() >= 15 && raw.length() <= 19) {
            return new NumberText(raw, start, source);
        }
        return JsonScalar.number(raw);
    }

    private int peek() {
        return i < end ? b[i] : -1;
    }

    private void digits() throws BodyFormatException {
        int start = i;
        while (i < end && b[i] >= '0' && b[i] <= '9') {
            i++;
        }
        if (i == start) {
            throw malformed();
        }
    }

    private JsonValue array(int depth) throws BodyFormatException {
        enter(depth);
        JsonArray array = new JsonArray();
        if (next() == ']') {
            i++;
            return array;
        }
        while (true) {
            array.elements().add(value(depth));
            int c = next();
            i++;
            if (c == ']') {
                return array;
            }
            if (c != ',') {
                throw malformed();
            }
        }
    }

    private JsonValue object(int depth) throws BodyFormatException {
        enter(depth);
        JsonObject object = new JsonObject();
        if (next() == '}') {
            i++;
            return object;
        }
        Set<String> seen = Set.of();
        while (true) {
            if (next() != '"') {
                throw malformed();
            }
            int nameStart = i + 1;
            String name = name();
            int nameEnd = i - 1;
            if (next() != ':') {
                throw malformed();
            }
            i++;
            JsonValue value = value(depth);
            if (object.size() == 16) {
                seen = new HashSet<>();
                for (int k = 0; k < 16; k++) {
                    seen.add(object.name(k));
                }
            }
            boolean twice = object.size() < 16 ? object.indexOf(name) >= 0 : !seen.add(name);
            if (twice && !same(object.get(name), value)) {
                throw new BodyFormatException(BodyFormatException.Reason.DUPLICATE_NAME);
            }
            object.add(name, value);
            if (isContent(name)) {
                object.nameText(nameText(nameStart, nameEnd));
            }
            int c = next();
            i++;
            if (c == '}') {
                return object;
            }
            if (c != ',') {
                throw malformed();
            }
        }
    }

    private Text nameText(int start, int stop) {
        boolean escaped = false;
        boolean ascii = true;
        for (int k = start; k < stop; k++) {
            escaped |= b[k] == '\\';
            ascii &= b[k] >= 0;
        }
        return new JsonString(b, start, stop, escaped, ascii, source);
    }

    /** Names of fields hold letters and underscores; addresses, numbers and prose are content. */
    private static boolean isContent(String name) {
        if (name.length() < 8) {
            return false;
        }
        int digits = 0;
        for (int k = 0; k < name.length(); k++) {
            char c = name.charAt(k);
            if (c == '@' || c == ' ') {
                return true;
            }
            digits += c >= '0' && c <= '9' ? 1 : 0;
        }
        return digits >= 4;
    }

    private void enter(int depth) throws BodyFormatException {
        if (depth > MAX_DEPTH) {
            throw new BodyFormatException(BodyFormatException.Reason.TOO_DEEP);
        }
        i++;
    }

    private String name() throws BodyFormatException {
        int start = i + 1;
        int flags = scan();
        int stop = i - 1;
        boolean escaped = (flags & ESCAPED) != 0;
        boolean ascii = (flags & NOT_ASCII) == 0;
        if (escaped || stop - start > SHARED_NAME) {
            return JsonString.decode(b, start, stop, escaped, ascii);
        }
        int hash = stop - start;
        for (int k = start; k < stop; k++) {
            hash = hash * 31 + b[k];
        }
        int slot = hash & 63;
        String known = names[slot];
        if (known != null && equal(nameStarts[slot], start, stop)) {
            return known;
        }
        String name = JsonString.decode(b, start, stop, false, ascii);
        names[slot] = name;
        nameStarts[slot] = start;
        return name;
    }

    private boolean equal(int known, int start, int stop) {
        int length = stop - start;
        for (int k = 0; k < length; k++) {
            if (b[known + k] != b[start + k]) {
                return false;
            }
        }
        return b[known + length] == '"';
    }

    private JsonValue string() throws BodyFormatException {
        int start = i + 1;
        int flags = scan();
        return new JsonString(
                b, start, i - 1, (flags & ESCAPED) != 0, (flags & NOT_ASCII) == 0, source);
    }

    private static final int ESCAPED = 1;
    private static final int NOT_ASCII = 2;

    /** Passes a string from its opening quote to behind its closing one and tells what is in it. */
    private int scan() throws BodyFormatException {
        int flags = 0;
        int k = i + 1;
        while (true) {
            if (k >= end) {
                throw malformed();
            }
            byte c = b[k];
            if (c == '"') {
                i = k + 1;
                return flags;
            }
            if (c == '\\') {
                flags |= ESCAPED;
                k += escape(k);
            } else if (c >= 0x20) {
                k++;
            } else if (c < 0) {
                flags |= NOT_ASCII;
                int length = Utf8.sequence(b, k, end);
                if (length < 0) {
                    throw new BodyFormatException(BodyFormatException.Reason.NOT_UTF8);
                }
                k += length;
            } else {
                throw malformed();
            }
        }
    }

    private int escape(int k) throws BodyFormatException {
        return switch (k + 1 < end ? b[k + 1] : -1) {
            case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> 2;
            case 'u' -> {
                for (int n = 2; n < 6; n++) {
                    if (k + n >= end || Character.digit(b[k + n], 16) < 0) {
                        throw malformed();
                    }
                }
                yield 6;
            }
            default -> throw malformed();
        };
    }

    /** Equal as documents; numbers are compared as written. */
    static boolean same(@Nullable JsonValue a, @Nullable JsonValue c) {
        return switch (a) {
            case null -> c == null;
            case Text x -> c instanceof Text y && x.value().equals(y.value());
            case JsonScalar x -> c instanceof JsonScalar y && x.raw().equals(y.raw());
            case JsonArray x -> {
                if (!(c instanceof JsonArray y) || x.elements().size() != y.elements().size()) {
                    yield false;
                }
                boolean equal = true;
                for (int n = 0; equal && n < x.elements().size(); n++) {
                    equal = same(x.elements().get(n), y.elements().get(n));
                }
                yield equal;
            }
            case JsonObject x -> {
                if (!(c instanceof JsonObject y) || x.size() != y.size()) {
                    yield false;
                }
                boolean equal = true;
                for (int n = 0; equal && n < x.size(); n++) {
                    equal = same(x.value(n), y.get(x.name(n)));
                }
                yield equal;
            }
        };
    }

    private static BodyFormatException malformed() {
        return new BodyFormatException(BodyFormatException.Reason.MALFORMED);
    }
}
