// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.restore;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The placeholders that were given out, and the forms in which models write them: {@code
 * [CREDIT_CARD-1]} in any case, with space, underscore or hyphen between the words, with Markdown's
 * backslashes. Immutable.
 *
 * <p>A form is compared by its key: letters in upper case, every separator as an underscore, no
 * brackets: {@code CREDIT_CARD_1}.
 */
public final class PlaceholderForms {
    /** The longest form that is recognised, with brackets and backslashes. */
    static final int MAX_LENGTH = 64;

    private final TreeMap<String, String> values = new TreeMap<>();

    /**
     * @param values by placeholder, {@code [GROUP-number]}; what has another shape is never found
     */
    public PlaceholderForms(Map<String, String> values) {
        values.forEach((placeholder, value) ->
                keys(placeholder).forEach(key -> this.values.put(key, value)));
    }

    @Nullable String value(CharSequence key) {
        return values.get(key.toString());
    }

    /** Whether a key that begins so was given out. */
    boolean canBecome(String start) {
        String next = values.ceilingKey(start);
        return next != null && next.startsWith(start);
    }

    /**
     * The keys of everything in a text that a reader could take for a placeholder, whether it was
     * given out or not.
     */
    public static Set<String> keys(String text) {
        Set<String> found = new HashSet<>();
        StringBuilder key = new StringBuilder();
        for (int open = text.indexOf('['); open >= 0; open = text.indexOf('[', open + 1)) {
            key.setLength(0);
            int i = open + 1;
            int end = Math.min(text.length(), open + MAX_LENGTH);
            while (i < end && add(text.charAt(i), key)) {
                i++;
            }
            if (i < end && text.charAt(i) == ']' && hasNumber(key)) {
                found.add(key.toString());
            }
        }
        return found;
    }

    /** The key of a placeholder that the product gives out. */
    public static String key(String group, int number) {
        return group + '_' + number;
    }

    /** Adds one character of a form to its key; false when no form goes on so. */
    static boolean add(char c, StringBuilder key) {
        if (c == '\\') {
            return true;
        }
        if (c >= 'a' && c <= 'z') {
            key.append((char) (c - 'a' + 'A'));
        } else if (c >= 'A' && c <= 'Z' || c >= '0' && c <= '9') {
            key.append(c);
        } else if (isSeparator(c) && !key.isEmpty() && key.charAt(key.length() - 1) != '_') {
            key.append('_');
        } else {
            return false;
        }
        return true;
    }

    /** Spaces, underscores, and the hyphens and dashes of Unicode 16 §6.2 that models write. */
    private static boolean isSeparator(char c) {
        return c == ' '
                || c == '_'
                || c == '-'
                || c == '\u00a0'
                || c >= '\u2010' && c <= '\u2015'
                || c == '\u2212';
    }

    private static boolean hasNumber(StringBuilder key) {
        int last = key.lastIndexOf("_");
        if (last < 1 || last == key.length() - 1) {
            return false;
        }
        for (int i = last + 1; i < key.length(); i++) {
            if (key.charAt(i) < '0' || key.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }
}
