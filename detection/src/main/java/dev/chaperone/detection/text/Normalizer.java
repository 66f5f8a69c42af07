// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.text;

import java.util.Arrays;

/**
 * Undoes what hides a value from a scanner and not from a reader: characters without width are
 * dropped, full-width forms, Unicode spaces, dashes and digits become their ASCII counterparts.
 */
public final class Normalizer {
    private Normalizer() {}

    /**
     * The normalised text; the same characters with identity offsets when nothing is to be done.
     */
    public static ScanText normalize(String text) {
        int first = firstChanged(text);
        if (first < 0) {
            return ScanText.plain(text);
        }
        StringBuilder out = new StringBuilder(text.length());
        int[] starts = new int[text.length()];
        out.append(text, 0, first);
        for (int i = 0; i < first; i++) {
            starts[i] = i;
        }
        for (int i = first; i < text.length(); ) {
            int point = text.codePointAt(i);
            int width = Character.charCount(point);
            int folded = point < 128 ? point : fold(point);
            if (folded >= 0) {
                int at = out.length();
                out.appendCodePoint(folded);
                Arrays.fill(starts, at, out.length(), i);
                if (out.length() - at == 2) {
                    starts[at + 1] = i + 1;
                }
            }
            i += width;
        }
        starts = Arrays.copyOf(starts, out.length());
        return new ScanText(out.toString(), starts, ends(starts, text));
    }

    /** Where each kept character ends: after itself, not after the dropped ones that follow. */
    private static int[] ends(int[] starts, String text) {
        int[] ends = new int[starts.length];
        for (int i = 0; i < starts.length; i++) {
            int at = starts[i];
            boolean pair =
                    Character.isHighSurrogate(text.charAt(at))
                            && at + 1 < text.length()
                            && (i + 1 >= starts.length || starts[i + 1] > at + 1);
            ends[i] = at + (pair ? 2 : 1);
        }
        return ends;
    }

    private static int firstChanged(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0xA0) {
                int point = text.codePointAt(i);
                if (fold(point) != point) {
                    return i;
                }
                i += Character.charCount(point) - 1;
            }
        }
        return -1;
    }

    /** The character read instead, or -1 for one that is dropped. */
    private static int fold(int point) {
        return switch (point) {
            // Soft hyphen, zero-width space and joiners, marks of direction, word joiner, BOM.
            case 0xAD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0x2061, 0x2062, 0x2063 -> -1;
            case 0x2064, 0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0xFEFF, 0x180E, 0x034F -> -1;
            case 0xA0, 0x1680, 0x202F, 0x205F, 0x3000 -> ' ';
            case 0x2010, 0x2011, 0x2012, 0x2013, 0x2212, 0xFE58, 0xFE63 -> '-';
            case 0x201C, 0x201D, 0x201E -> '"';
            case 0x2018, 0x2019 -> '\'';
            default -> foldRange(point);
        };
    }

    private static int foldRange(int point) {
        if (point >= 0x2000 && point <= 0x200A) {
            return ' ';
        }
        if (point >= 0xFF01 && point <= 0xFF5E) {
            return point - 0xFEE0;
        }
        if (point >= 0xE0000 && point <= 0xE007F) {
            return -1; // tag characters: invisible ASCII
        }
        if (point >= 0x660 && Character.getType(point) == Character.DECIMAL_DIGIT_NUMBER) {
            return '0' + Character.digit(point, 10);
        }
        return point;
    }
}
