// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.text;

import dev.chaperone.model.finding.Span;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * What a text says once its encodings are undone: percent-encoding (RFC 3986 §2.1), escapes of JSON
 * strings (RFC 8259 §7), runs of base64 (RFC 4648) that hold text. One step deep, bounded in size.
 */
public final class DecodedViews {
    private static final int SHORTEST_BASE64 = 24;

    /** Characters decoded in all, at most; prompts that hold more are files, scanned as files. */
    private static final int MOST_DECODED = 512 * 1024;

    private static final CharSet RUN = CharSet.of("A-Za-z0-9+/_-");

    private DecodedViews() {}

    /** The views of a text; empty for a text without encodings. */
    public static List<ScanText> of(ScanText text) {
        List<ScanText> views = new ArrayList<>();
        if (text.value().indexOf('%') >= 0) {
            addIfChanged(views, text, percent(text));
        }
        if (text.value().indexOf('\\') >= 0) {
            addIfChanged(views, text, escapes(text));
        }
        base64(text, views);
        return views;
    }

    private static void addIfChanged(List<ScanText> views, ScanText text, ScanText view) {
        if (view.length() < text.length()) {
            views.add(view);
        }
    }

    private static ScanText percent(ScanText text) {
        Builder out = new Builder(text);
        for (int i = 0; i < text.length(); ) {
            int high = text.at(i) == '%' ? Character.digit(text.at(i + 1), 16) : -1;
            int low = high < 0 ? -1 : Character.digit(text.at(i + 2), 16);
            int value = high * 16 + low;
            if (high >= 0 && low >= 0 && value >= ' ' && value < 127) {
                out.add((char) value, i, i + 3);
                i += 3;
            } else {
                out.add(text.at(i), i, i + 1);
                i++;
            }
        }
        return out.build();
    }

    private static ScanText escapes(ScanText text) {
        Builder out = new Builder(text);
        for (int i = 0; i < text.length(); ) {
            int width = text.at(i) == '\\' ? escapeWidth(text, i) : 1;
            char c = width == 1 ? text.at(i) : unescape(text, i, width);
            out.add(c, i, i + width);
            i += width;
        }
        return out.build();
    }

    private static int escapeWidth(ScanText text, int at) {
        char c = text.at(at + 1);
        if ("\"\\/nrt".indexOf(c) >= 0 && c != '\0') {
            return 2;
        }
        int hex = c == 'u' ? 4 : c == 'x' ? 2 : 0;
        return hex > 0 && text.runEnd(at + 2, CharSet.HEX, at + 2 + hex) == at + 2 + hex
                ? 2 + hex
                : 1;
    }

    private static char unescape(ScanText text, int at, int width) {
        char c = text.at(at + 1);
        return switch (c) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u', 'x' -> (char) Integer.parseInt(text.value(), at + 2, at + width, 16);
            default -> c;
        };
    }

    private static void base64(ScanText text, List<ScanText> views) {
        int left = MOST_DECODED;
        for (int i = 0; i < text.length() && left > 0; ) {
            int end = text.runEnd(i, RUN, i + left);
            if (end - i >= SHORTEST_BASE64 && mixed(text, i)) {
                String decoded = decode(text.slice(i, end));
                if (!decoded.isEmpty()) {
                    int padded = text.runEnd(end, CharSet.of("="), end + 2);
                    views.add(ScanText.inside(decoded, text.original(i, padded)));
                    left -= end - i;
                }
            }
            i = end + 1;
        }
    }

    /** A long word or a number is no base64: text in base64 has both cases within a few bytes. */
    private static boolean mixed(ScanText text, int from) {
        boolean upper = false;
        boolean lower = false;
        for (int i = from; i < from + SHORTEST_BASE64; i++) {
            upper |= Character.isUpperCase(text.at(i));
            lower |= Character.isLowerCase(text.at(i));
        }
        return upper && lower;
    }

    /** The text in a run of base64, or an empty string when it holds none. */
    private static String decode(String run) {
        String plain = run.replace('-', '+').replace('_', '/');
        int whole = plain.length() - plain.length() % 4;
        String usable = plain.length() % 4 == 1 ? plain.substring(0, whole) : plain;
        byte[] head = Base64.getDecoder().decode(plain.substring(0, SHORTEST_BASE64));
        if (!printable(head)) {
            return "";
        }
        byte[] bytes = Base64.getDecoder().decode(usable);
        try {
            String text =
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            return printable(bytes) ? text : "";
        } catch (CharacterCodingException _) {
            return printable(bytes) ? new String(bytes, StandardCharsets.ISO_8859_1) : "";
        }
    }

    private static boolean printable(byte[] bytes) {
        int strange = 0;
        for (byte b : bytes) {
            boolean control = b >= 0 && b < ' ' && b != '\n' && b != '\r' && b != '\t';
            strange += control || b == 127 ? 1 : b < 0 ? 1 : 0;
        }
        return strange * 5 <= bytes.length;
    }

    /** Collects the characters of a view with the place each comes from. */
    private static final class Builder {
        private final ScanText text;
        private final StringBuilder out;
        private final int[] starts;
        private final int[] ends;

        private Builder(ScanText text) {
            this.text = text;
            this.out = new StringBuilder(text.length());
            this.starts = new int[text.length()];
            this.ends = new int[text.length()];
        }

        private void add(char c, int start, int end) {
            Span original = text.original(start, end);
            starts[out.length()] = original.start();
            ends[out.length()] = original.end();
            out.append(c);
        }

        private ScanText build() {
            return new ScanText(out.toString(), starts, ends);
        }
    }
}
