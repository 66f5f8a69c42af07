// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.text;

/** A set of ASCII characters, two words wide. Nothing beyond ASCII is ever in it. */
public record CharSet(long low, long high) {
    public static final CharSet DIGIT = of("0-9");
    public static final CharSet HEX = of("0-9a-fA-F");
    public static final CharSet ALNUM = of("0-9a-zA-Z");
    public static final CharSet WORD = of("0-9a-zA-Z_");
    public static final CharSet BASE64URL = of("0-9a-zA-Z_-");
    public static final CharSet BASE64 = of("0-9a-zA-Z+/");
    public static final CharSet IDENTIFIER = of("0-9a-zA-Z_.-");
    public static final CharSet BLANK = of(" \t");
    public static final CharSet SPACE = of(" \t\r\n");

    /** Reads {@code a-z0-9_} as in a regular expression's class; a last dash is literal. */
    public static CharSet of(String ranges) {
        long low = 0;
        long high = 0;
        for (int i = 0; i < ranges.length(); i++) {
            char from = ranges.charAt(i);
            char to = from;
            if (i + 2 < ranges.length() && ranges.charAt(i + 1) == '-') {
                to = ranges.charAt(i + 2);
                i += 2;
            }
            for (char c = from; c <= to; c++) {
                if (c < 64) {
                    low |= 1L << c;
                } else {
                    high |= 1L << (c - 64);
                }
            }
        }
        return new CharSet(low, high);
    }

    public boolean has(char c) {
        return c < 64 ? ((low >>> c) & 1) != 0 : c < 128 && ((high >>> (c - 64)) & 1) != 0;
    }

    /** Both sets together. */
    public CharSet or(CharSet other) {
        return new CharSet(low | other.low, high | other.high);
    }
}
