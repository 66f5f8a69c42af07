// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.secret;

import dev.chaperone.detection.text.CharSet;
import dev.chaperone.detection.text.ScanText;
import java.util.ArrayList;
import java.util.List;

/**
 * The shape of a vendor's token: literals and counted classes, matched from left to right without
 * backtracking. {@code ghp_<w36>} is the literal {@code ghp_} and 36 letters or digits; {@code
 * <v20-64>} is 20 to 64 of a class, {@code <v20+>} at least 20.
 *
 * <p>Classes: {@code d} digits, {@code x} hexadecimal, {@code a} a–z and digits, {@code U} A–Z and
 * digits, {@code w} letters and digits, {@code v} the same with dash and underscore, {@code e} the
 * same with {@code =}, {@code b} base64, {@code q} base64url with dot, {@code m} both base64
 * alphabets, {@code z} unreserved characters of a URI.
 */
final class TokenShape {
    private static final int UNBOUNDED = 2048;

    private sealed interface Part {
        record Literal(String text) implements Part {}

        record Run(CharSet set, int least, int most) implements Part {}
    }

    private final List<Part> parts;

    private TokenShape(List<Part> parts) {
        this.parts = List.copyOf(parts);
    }

    static TokenShape parse(String notation) {
        List<Part> parts = new ArrayList<>();
        int i = 0;
        while (i < notation.length()) {
            if (notation.charAt(i) == '<') {
                int close = notation.indexOf('>', i);
                parts.add(run(notation.substring(i + 1, close)));
                i = close + 1;
            } else {
                int open = notation.indexOf('<', i);
                int stop = open < 0 ? notation.length() : open;
                parts.add(new Part.Literal(notation.substring(i, stop)));
                i = stop;
            }
        }
        return new TokenShape(parts);
    }

    private static Part run(String inner) {
        String count = inner.substring(1);
        CharSet set = set(inner.charAt(0));
        if (count.endsWith("+")) {
            int least = Integer.parseInt(count, 0, count.length() - 1, 10);
            return new Part.Run(set, least, UNBOUNDED);
        }
        int dash = count.indexOf('-');
        int least = Integer.parseInt(dash < 0 ? count : count.substring(0, dash));
        int most = dash < 0 ? least : Integer.parseInt(count.substring(dash + 1));
        return new Part.Run(set, least, most);
    }

    private static CharSet set(char name) {
        return switch (name) {
            case 'd' -> CharSet.DIGIT;
            case 'x' -> CharSet.HEX;
            case 'a' -> CharSet.of("a-z0-9");
            case 'U' -> CharSet.of("A-Z0-9");
            case 'w' -> CharSet.ALNUM;
            case 'v' -> CharSet.BASE64URL;
            case 'e' -> CharSet.of("a-zA-Z0-9_=-");
            case 'b' -> CharSet.of("a-zA-Z0-9+/=");
            case 'q' -> CharSet.of("a-zA-Z0-9_.=-");
            case 'z' -> CharSet.of("a-zA-Z0-9_~.-");
            case 'm' -> CharSet.of("a-zA-Z0-9_+/=-");
            default -> throw new IllegalArgumentException("class " + name);
        };
    }

    /** The first literal, by which the prefilter finds the token. */
    String keyword() {
        return parts.stream()
                .filter(Part.Literal.class::isInstance)
                .map(part -> ((Part.Literal) part).text())
                .findFirst()
                .orElseThrow();
    }

    /**
     * The token's start when its keyword stands at {@code at}, or -1. A shape that begins with a
     * run takes exactly its most characters before the keyword.
     */
    int startFor(ScanText text, int at) {
        if (parts.getFirst() instanceof Part.Run(var set, int least, int most)) {
            int start = text.runStart(at, set, most + 1);
            return at - start >= least && at - start <= most ? start : -1;
        }
        return at;
    }

    /** The token's end when it starts at {@code start}, or -1. */
    int match(ScanText text, int start) {
        int at = start;
        for (int p = 0; p < parts.size(); p++) {
            switch (parts.get(p)) {
                case Part.Literal(var literal) -> {
                    if (!text.value().startsWith(literal, at)) {
                        return -1;
                    }
                    at += literal.length();
                }
                case Part.Run(var set, int least, int most) -> {
                    boolean last = p == parts.size() - 1;
                    int end = text.runEnd(at, set, at + most + (last ? 1 : 0));
                    if (!last && parts.get(p + 1) instanceof Part.Literal(var next)) {
                        end = backTo(text, at, end, next);
                    }
                    if (end - at < least || end - at > most) {
                        return -1;
                    }
                    at = end;
                }
            }
        }
        return at;
    }

    /** A run whose class holds the next literal's characters ends before that literal. */
    private static int backTo(ScanText text, int from, int end, String next) {
        if (text.value().startsWith(next, end)) {
            return end;
        }
        int found = text.value().indexOf(next, from, Math.min(text.length(), end + next.length()));
        return found < 0 ? end : found;
    }

    /** A token of this shape, for tests: {@code pick} chooses an index below its argument. */
    String sample(java.util.function.IntUnaryOperator pick) {
        StringBuilder out = new StringBuilder();
        for (Part part : parts) {
            switch (part) {
                case Part.Literal(var literal) -> out.append(literal);
                case Part.Run(var set, int least, int most) -> {
                    int count = least + (most == UNBOUNDED ? 8 : pick.applyAsInt(most - least + 1));
                    while (count > 0) {
                        char c = (char) (33 + pick.applyAsInt(94));
                        if (set.has(c) && c != '=' && c != '-' && c != '.' && c != '_') {
                            out.append(c);
                            count--;
                        }
                    }
                }
            }
        }
        return out.toString();
    }
}
