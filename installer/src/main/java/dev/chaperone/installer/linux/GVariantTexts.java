// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer.linux;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Arrays of strings in GVariant's text format ("GVariant Text Format", strings and arrays). */
final class GVariantTexts {
    private final String text;
    private int at;

    private GVariantTexts(String text) {
        this.text = text;
    }

    /** Such an array; empty when it is something else. */
    static Optional<List<String>> parse(String text) {
        return new GVariantTexts(text).array();
    }

    private Optional<List<String>> array() {
        space();
        if (text.startsWith("@as", at)) {
            at += 3;
            space();
        }
        List<String> all = new ArrayList<>();
        if (!take('[')) {
            return Optional.empty();
        }
        space();
        while (!take(']')) {
            if (!all.isEmpty() && !take(',')) {
                return Optional.empty();
            }
            space();
            if (!string(all)) {
                return Optional.empty();
            }
            space();
        }
        space();
        return at == text.length() ? Optional.of(all) : Optional.empty();
    }

    private boolean string(List<String> into) {
        if (at == text.length() || "'\"".indexOf(text.charAt(at)) < 0) {
            return false;
        }
        char quote = text.charAt(at++);
        StringBuilder string = new StringBuilder();
        while (at < text.length() && text.charAt(at) != quote) {
            char c = text.charAt(at++);
            if (c != '\\') {
                string.append(c);
            } else if (at == text.length() || !escaped(string)) {
                return false;
            }
        }
        into.add(string.toString());
        return take(quote);
    }

    private boolean escaped(StringBuilder string) {
        char c = text.charAt(at++);
        int digits = c == 'u' ? 4 : c == 'U' ? 8 : 0;
        if (digits == 0) {
            int known = "abfnrtv".indexOf(c);
            string.append(known < 0 ? c : "\u0007\b\f\n\r\t\u000b".charAt(known));
            return true;
        }
        try {
            string.appendCodePoint(Integer.parseInt(text, at, at + digits, 16));
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            return false;
        }
        at += digits;
        return true;
    }

    private boolean take(char c) {
        boolean there = at < text.length() && text.charAt(at) == c;
        at += there ? 1 : 0;
        return there;
    }

    private void space() {
        while (at < text.length() && " \t\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }
}
