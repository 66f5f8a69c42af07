// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.intent;

import java.text.Normalizer;
import java.util.Arrays;

/**
 * The words at the edges of a prompt, as ranges of one folded character array: NFKC, lower case,
 * digits as one 0, signs of code as words of one character, ideographs and kana one by one. Of a
 * long text only the first {@value #HEAD_CHARS} and the last {@value #TAIL_CHARS} characters are
 * read, so the cost does not grow with what is pasted.
 */
final class IntentWords {
    static final int SEED = 0x811C9DC5; // FNV-1a

    static final int QUESTION = 1;
    static final int FENCE = 2;
    static final int LINES = 4;
    static final int QUOTED = 8;
    static final int TABLE = 16;
    static final int BRACES = 32;
    static final int LONG = 64;
    static final int SINGLE_LINE_COLON = 128;

    private static final int HEAD_CHARS = 900;
    private static final int TAIL_CHARS = 500;
    private static final int LONGEST_WORD = 40;
    private static final int LONGEST_EDGE = 40;
    private static final String SIGNS = "{}()=;<>?`/\\|@#$%&*+";

    /** The endings that English, German, Spanish, French and Italian bend words by. */
    private static final String[] ENDINGS = {
        "ations", "ation", "ingly", "ments", "ment", "ing", "ies", "ed", "es", "en", "er", "s", "e"
    };

    private final char[] folded;
    private final int form;
    private int[] starts = new int[128];
    private int[] ends = new int[128];
    private int count;

    /** Where the first sentence or line ends and the last begins, in words. */
    private int opening = -1;

    private int closing;

    private IntentWords(char[] folded, int form) {
        this.folded = folded;
        this.form = form;
    }

    static IntentWords of(String text) {
        boolean cut = text.length() > HEAD_CHARS + TAIL_CHARS;
        String edges =
                cut
                        ? text.substring(0, HEAD_CHARS)
                                + '\n'
                                + text.substring(text.length() - TAIL_CHARS)
                        : text;
        IntentWords words = new IntentWords(fold(edges), formOf(edges) | (cut ? LONG : 0));
        words.split();
        return words;
    }

    private static char[] fold(String text) {
        boolean ascii = true;
        for (int i = 0; i < text.length() && ascii; i++) {
            ascii = text.charAt(i) < 0x80;
        }
        String plain = ascii ? text : Normalizer.normalize(text, Normalizer.Form.NFKC);
        char[] folded = plain.toCharArray();
        for (int i = 0; i < folded.length; i++) {
            char c = folded[i];
            if (c == '\u2019') {
                folded[i] = '\'';
            } else if (c >= 0x80) {
                folded[i] = Character.isDigit(c) ? '0' : Character.toLowerCase(c);
            } else if (c >= 'A' && c <= 'Z') {
                folded[i] = (char) (c + 32);
            } else if (c >= '1' && c <= '9') {
                folded[i] = '0';
            }
        }
        return folded;
    }

    private void split() {
        int start = -1;
        for (int i = 0; i <= folded.length; i++) {
            char c = i < folded.length ? folded[i] : ' ';
            boolean alone = alone(c);
            if (!alone && (c == '\'' || c == '0' || isLetter(c))) {
                start = start < 0 ? i : start;
            } else {
                if (start >= 0) {
                    word(start, i);
                }
                start = -1;
                if (count > 0 && stops(i)) {
                    sentence(i);
                }
                if (alone || SIGNS.indexOf(c) >= 0) {
                    put(i, i + 1);
                }
            }
        }
    }

    private boolean stops(int at) {
        char c = at < folded.length ? folded[at] : '\n';
        boolean mark = c == '.' || c == '!' || c == '?' || c == ':';
        return c == '\n' || mark && (at + 1 >= folded.length || folded[at + 1] <= ' ');
    }

    /** A greeting of one or two words is no opening, and an end without words no closing. */
    private void sentence(int at) {
        if (opening < 0 && count > 2) {
            opening = count;
        }
        if (at < folded.length - 3) {
            closing = count;
        }
    }

    private static boolean isLetter(char c) {
        return c < 0x80 ? c >= 'a' && c <= 'z' : Character.isLetter(c);
    }

    /** Scripts that write words without spaces: each character counts as a word. */
    private static boolean alone(char c) {
        return c >= 0x3041 && (Character.isIdeographic(c) || c <= 0x30FF);
    }

    /** Runs of digits shrink to one, in place. */
    private void word(int start, int end) {
        int to = start;
        for (int i = start; i < end; i++) {
            if (folded[i] != '0' || to == start || folded[to - 1] != '0') {
                folded[to++] = folded[i];
            }
        }
        if (to - start <= LONGEST_WORD) {
            put(start, to);
        }
    }

    private void put(int start, int end) {
        if (count == starts.length) {
            starts = Arrays.copyOf(starts, 2 * count);
            ends = Arrays.copyOf(ends, 2 * count);
        }
        starts[count] = start;
        ends[count++] = end;
    }

    private static int formOf(String text) {
        int form = 0;
        int separators = 0;
        int tableLines = 0;
        int lines = 0;
        int braces = 0;
        for (int i = 0; i <= text.length(); i++) {
            char c = i < text.length() ? text.charAt(i) : '\n';
            if (c == '\n') {
                tableLines += separators >= 2 ? 1 : 0;
                separators = 0;
                lines++;
                form |= i + 1 < text.length() && text.charAt(i + 1) == '>' ? QUOTED : 0;
                form |= i > 0 && lines == 1 && text.charAt(i - 1) == ':' ? SINGLE_LINE_COLON : 0;
            } else if (c == '|' || c == '\t' || c == ',' || c == ';') {
                separators++;
            } else if (c == '{' || c == '}') {
                braces++;
            } else if (c == '`' && text.startsWith("```", i)) {
                form |= FENCE;
            }
        }
        form |= text.stripTrailing().endsWith("?") ? QUESTION : 0;
        form |= lines > 2 ? LINES : 0;
        form |= tableLines >= 3 ? TABLE : 0;
        return form | (braces >= 3 ? BRACES : 0);
    }

    int count() {
        return count;
    }

    /** How many words the first sentence or line holds; at most {@value #LONGEST_EDGE}. */
    int opening() {
        return Math.min(opening < 0 ? count : opening, LONGEST_EDGE);
    }

    /** The first word of the last sentence or line, or of its last {@value #LONGEST_EDGE} words. */
    int closing() {
        return Math.max(closing >= count ? 0 : closing, count - LONGEST_EDGE);
    }

    /** Bits of the constants above. */
    int form() {
        return form;
    }

    int length(int word) {
        return ends[word] - starts[word];
    }

    char letter(int word, int at) {
        return folded[starts[word] + at];
    }

    int hash(int word) {
        return hash(starts[word], ends[word]);
    }

    /** The hash of the word without its ending; at least four letters stay. */
    int stem(int word) {
        int length = length(word);
        for (String ending : ENDINGS) {
            int rest = length - ending.length();
            if (rest >= 4 && endsWith(ends[word], ending)) {
                return hash(starts[word], ends[word] - ending.length());
            }
        }
        return hash(starts[word], ends[word]);
    }

    private boolean endsWith(int end, String ending) {
        for (int i = 1; i <= ending.length(); i++) {
            if (folded[end - i] != ending.charAt(ending.length() - i)) {
                return false;
            }
        }
        return true;
    }

    private int hash(int start, int end) {
        int hash = SEED;
        for (int i = start; i < end; i++) {
            hash = mix(hash, folded[i]);
        }
        return hash;
    }

    static int mix(int hash, char c) {
        return (hash ^ c) * 0x01000193;
    }
}
