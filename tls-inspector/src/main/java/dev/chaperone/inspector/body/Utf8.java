// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.body;

/** UTF-8 (RFC 3629) as bytes and as UTF-16 units. */
final class Utf8 {
    private Utf8() {}

    /**
     * The length of the sequence at {@code i}, or -1 when it is malformed. Surrogates, overlong
     * forms and what lies beyond U+10FFFF are malformed (RFC 3629 §4).
     */
    static int sequence(byte[] b, int i, int end) {
        int lead = b[i] & 0xff;
        if (lead < 0x80) {
            return 1;
        }
        if (lead < 0xc2 || lead > 0xf4) {
            return -1;
        }
        int length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        if (i + length > end) {
            return -1;
        }
        int second = b[i + 1] & 0xff;
        int low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
        int high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
        if (second < low || second > high) {
            return -1;
        }
        for (int k = 2; k < length; k++) {
            if ((b[i + k] & 0xc0) != 0x80) {
                return -1;
            }
        }
        return length;
    }

    static boolean isValid(byte[] b, int from, int to) {
        int i = from;
        while (i < to) {
            if (b[i] >= 0) {
                i++;
                continue;
            }
            int length = sequence(b, i, to);
            if (length < 0) {
                return false;
            }
            i += length;
        }
        return true;
    }

    /** How many UTF-16 units the bytes decode to. */
    static int chars(byte[] b, int from, int to) {
        int chars = 0;
        for (int i = from; i < to; i++) {
            if ((b[i] & 0xc0) != 0x80) {
                chars += (b[i] & 0xf8) == 0xf0 ? 2 : 1;
            }
        }
        return chars;
    }

    /**
     * The byte offset of a UTF-16 unit. Inside a surrogate pair it is the sequence's start, or its
     * end when {@code end}.
     */
    static int offset(byte[] b, int from, int chars, boolean end) {
        int i = from;
        int left = chars;
        while (left > 0) {
            int length = b[i] >= 0 ? 1 : (b[i] & 0xe0) == 0xc0 ? 2 : (b[i] & 0xf0) == 0xe0 ? 3 : 4;
            int units = length == 4 ? 2 : 1;
            if (units > left) {
                return end ? i + length : i;
            }
            left -= units;
            i += length;
        }
        return i;
    }

    /** True for bytes that a person would call a text: valid UTF-8 nearly without controls. */
    static boolean looksLikeText(byte[] b, int from, int to) {
        if (to == from || startsWithPdf(b, from, to) || !isValid(b, from, to)) {
            return false;
        }
        int controls = 0;
        for (int i = from; i < to; i++) {
            int c = b[i];
            if (c == 0) {
                return false;
            }
            if (c > 0 && c < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f') {
                controls++;
            }
        }
        return controls <= (to - from) / 100;
    }

    private static boolean startsWithPdf(byte[] b, int from, int to) {
        return to - from >= 5
                && b[from] == '%'
                && b[from + 1] == 'P'
                && b[from + 2] == 'D'
                && b[from + 3] == 'F';
    }
}
