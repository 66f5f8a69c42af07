// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A few context words, matched without regard to ASCII case at the start of a word. */
public final class Words {
    /** The words by their first character; those beyond ASCII together in the first place. */
    private final List<List<String>> byFirst;

    private Words(List<String> words) {
        List<List<String>> table = new ArrayList<>();
        for (char c = 0; c < 128; c++) {
            char first = c;
            table.add(words.stream().filter(w -> slot(w.charAt(0)) == first).toList());
        }
        byFirst = List.copyOf(table);
    }

    private static int slot(char c) {
        return c < 128 ? Character.toLowerCase(c) : 0;
    }

    /** Words separated by commas; a trailing {@code $} asks for the word's end too. */
    public static Words of(String commaSeparated) {
        return new Words(List.of(commaSeparated.toLowerCase(Locale.ROOT).split("\\s*,\\s*")));
    }

    /**
     * Whether one of the words occurs in the range. The range must be short: the search is naive.
     */
    public boolean occurIn(String text, int start, int end) {
        for (int i = start; i < end; i++) {
            if (byFirst.get(slot(text.charAt(i))).isEmpty()) {
                continue;
            }
            if (i > 0 && Character.isLetter(text.charAt(i - 1)) && !camelStart(text, i)) {
                continue;
            }
            for (String word : byFirst.get(slot(text.charAt(i)))) {
                if (matches(text, i, end, word)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean camelStart(String text, int i) {
        return Character.isUpperCase(text.charAt(i)) && Character.isLowerCase(text.charAt(i - 1));
    }

    private static boolean matches(String text, int at, int end, String word) {
        boolean whole = word.endsWith("$");
        int length = word.length() - (whole ? 1 : 0);
        if (at + length > end || !text.regionMatches(true, at, word, 0, length)) {
            return false;
        }
        int after = at + length;
        return !whole || after >= text.length() || !Character.isLetterOrDigit(text.charAt(after));
    }
}
