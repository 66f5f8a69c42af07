// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds what a misspelt word was meant to be. */
public final class Suggestions {
    /** Words that may be repeated in a message; anything else could be a prompt's text. */
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9._-]{1,60}");

    private Suggestions() {}

    /** The known word nearest to {@code word}, if it is near enough to be meant. */
    static Optional<String> nearest(String word, Collection<String> known) {
        return nearest(word, known, Math.max(1, Math.min(3, word.length() / 3)));
    }

    /**
     * The known word nearest to {@code word}.
     *
     * @param limit the most edits that still count as near
     */
    public static Optional<String> nearest(String word, Collection<String> known, int limit) {
        return known.stream()
                .filter(candidate -> distance(fold(word), fold(candidate)) <= limit)
                .min(
                        Comparator.<String>comparingInt(
                                        candidate -> distance(fold(word), fold(candidate)))
                                .thenComparing(Comparator.naturalOrder()));
    }

    /** {@code , did you mean 'when'?}, or a list of what is known when nothing is near. */
    static String remedy(String word, Collection<String> known) {
        Optional<String> near = nearest(word, known);
        if (near.isPresent()) {
            return ", did you mean '" + near.get() + "'?";
        }
        return known.size() <= 16 ? ": expected " + oneOf(known) : "";
    }

    /** {@code a, b or c}. */
    static String oneOf(Collection<String> words) {
        String joined = String.join(", ", words);
        int last = joined.lastIndexOf(", ");
        return last < 0 ? joined : joined.substring(0, last) + " or " + joined.substring(last + 2);
    }

    /** The word in quotes, or nothing when it is not a plain word. */
    static String quoted(String word) {
        return WORD.matcher(word).matches() ? " '" + word + "'" : "";
    }

    private static String fold(String word) {
        return word.toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    /** Optimal string alignment distance (Damerau-Levenshtein without repeated edits). */
    static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            d[i][0] = i;
        }
        for (int j = 0; j <= b.length(); j++) {
            d[0][j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            for (int j = 1; j <= b.length(); j++) {
                int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                d[i][j] =
                        Math.min(
                                Math.min(d[i - 1][j] + 1, d[i][j - 1] + 1),
                                d[i - 1][j - 1] + change);
                if (i > 1
                        && j > 1
                        && a.charAt(i - 1) == b.charAt(j - 2)
                        && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
