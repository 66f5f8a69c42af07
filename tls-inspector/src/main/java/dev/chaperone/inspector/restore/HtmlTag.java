// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.restore;

/**
 * What stands between {@code <} and {@code >}: an autolink or raw HTML (CommonMark 0.31.2 §6.5,
 * §6.6), whose attributes a page may load. A quoted attribute ends with its quote only, a tag also
 * at a blank line. One thread.
 */
final class HtmlTag {
    private enum State {
        TEXT,
        /** Behind {@code <}. */
        OPEN,
        /** In the name, or in the scheme of an autolink. */
        NAME,
        TAG,
        QUOTED
    }

    private final HarmlessScheme scheme = new HarmlessScheme();
    private State state = State.TEXT;
    private boolean equals;
    private boolean blankLine;
    private char quote;

    boolean keepsPlaceholders() {
        return (state == State.TAG || state == State.QUOTED) && !scheme.matches();
    }

    void next(char c) {
        state =
                switch (state) {
                    case TEXT -> c == '<' ? State.OPEN : State.TEXT;
                    case OPEN -> open(c);
                    case NAME -> name(c);
                    case TAG -> inTag(c);
                    case QUOTED -> c == quote ? State.TAG : State.QUOTED;
                };
    }

    private State open(char c) {
        scheme.begin();
        scheme.next(c);
        equals = false;
        blankLine = false;
        if (isLetter(c)) {
            return State.NAME;
        }
        return switch (c) {
            case '/', '!', '?' -> State.TAG;
            case '<' -> State.OPEN;
            default -> State.TEXT;
        };
    }

    private State name(char c) {
        if (isLetter(c) || c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.') {
            scheme.next(c);
            return State.NAME;
        }
        if (c == ':' || c == '/' || Character.isWhitespace(c)) {
            return inTag(c);
        }
        return c == '<' ? State.OPEN : State.TEXT;
    }

    private State inTag(char c) {
        scheme.next(c);
        if (c == '>' || c == '\n' && blankLine) {
            return State.TEXT;
        }
        if (Character.isWhitespace(c)) {
            blankLine |= c == '\n';
            scheme.spoil();
            return State.TAG;
        }
        blankLine = false;
        if (equals && (c == '"' || c == '\'')) {
            equals = false;
            quote = c;
            return State.QUOTED;
        }
        equals = c == '=';
        return State.TAG;
    }

    private static boolean isLetter(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
    }
}
