// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.body;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A string of a JSON document. */
final class JsonString extends Text {
    /** UTF-16 units between two remembered offsets. */
    private static final int STRIDE = 128;

    private final byte[] bytes;
    private final int start;
    private final int end;
    private final boolean escaped;
    private final boolean ascii;
    private final Source source;
    private int @Nullable [] marks;

    /**
     * @param start after the opening quote
     * @param end at the closing quote
     * @param escaped true when a backslash stands in it
     * @param ascii true when every byte is ASCII
     */
    JsonString(byte[] bytes, int start, int end, boolean escaped, boolean ascii, Source source) {
        this.bytes = bytes;
        this.start = start;
        this.end = end;
        this.escaped = escaped;
        this.ascii = ascii;
        this.source = source;
    }

    @Override
    public boolean isEscaped() {
        return escaped;
    }

    @Override
    String decode() {
        return decode(bytes, start, end, escaped, ascii);
    }

    static String decode(byte[] bytes, int start, int end, boolean escaped, boolean ascii) {
        if (!escaped) {
            return new String(
                    bytes,
                    start,
                    end - start,
                    ascii ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8);
        }
        StringBuilder out = new StringBuilder(end - start);
        int plain = start;
        int i = start;
        while (i < end) {
            if (bytes[i] != '\\') {
                i++;
                continue;
            }
            if (i > plain) {
                out.append(decode(bytes, plain, i, false, ascii));
            }
            out.append(unescape(bytes, i));
            i += bytes[i + 1] == 'u' ? 6 : 2;
            plain = i;
        }
        if (end > plain) {
            out.append(decode(bytes, plain, end, false, ascii));
        }
        return out.toString();
    }

    /** The UTF-16 unit that the escape at {@code i} stands for; the reader has checked its form. */
    private static char unescape(byte[] bytes, int i) {
        return switch (bytes[i + 1]) {
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'r' -> '\r';
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'u' ->
                    (char)
                            (Character.digit(bytes[i + 2], 16) << 12
                                    | Character.digit(bytes[i + 3], 16) << 8
                                    | Character.digit(bytes[i + 4], 16) << 4
                                    | Character.digit(bytes[i + 5], 16));
            default -> (char) bytes[i + 1];
        };
    }

    @Override
    public void edit(int from, int to, String with, Edits edits) {
        source.edit(
                offset(from, false),
                offset(to, true),
                escape(with).getBytes(StandardCharsets.UTF_8),
                edits);
    }

    private int offset(int unit, boolean atEnd) {
        if (!escaped && ascii) {
            return start + unit;
        }
        int[] known = marks;
        if (known == null) {
            known = remember();
            marks = known;
        }
        int mark = Math.min(unit / STRIDE, known.length / 2 - 1);
        int i = known[2 * mark];
        int left = unit - known[2 * mark + 1];
        while (left > 0) {
            int length = step(i);
            int units = units(i, length);
            if (units > left) {
                return atEnd ? i + length : i;
            }
            left -= units;
            i += length;
        }
        return i;
    }

    /** Pairs of byte offset and UTF-16 offset, one about every {@link #STRIDE} units. */
    private int[] remember() {
        int[] known = new int[2 * (value().length() / STRIDE + 1)];
        int next = 0;
        int unit = 0;
        int i = start;
        while (i < end && next < known.length / 2) {
            int length = step(i);
            int units = units(i, length);
            // The mark for unit n * STRIDE must not lie beyond it.
            if (unit + units > next * STRIDE) {
                known[2 * next] = i;
                known[2 * next + 1] = unit;
                next++;
            }
            unit += units;
            i += length;
        }
        for (; next < known.length / 2; next++) {
            known[2 * next] = i;
            known[2 * next + 1] = unit;
        }
        return known;
    }

    private int step(int i) {
        if (bytes[i] == '\\') {
            return bytes[i + 1] == 'u' ? 6 : 2;
        }
        return bytes[i] >= 0 ? 1 : Utf8.sequence(bytes, i, end);
    }

    private int units(int i, int length) {
        return length == 4 && bytes[i] < 0 ? 2 : 1;
    }

    /** RFC 8259 §7, the shortest form. */
    static String escape(String text) {
        StringBuilder out = new StringBuilder(text.length() + 8);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < 0x20 || (Character.isSurrogate(c) && !paired(text, i))) {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        return out.toString();
    }

    private static boolean paired(String text, int i) {
        char c = text.charAt(i);
        return Character.isHighSurrogate(c)
                ? i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
                : i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
    }
}
