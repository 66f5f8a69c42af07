// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.restore;

/**
 * Follows a text and tells whether it stands in the target of a Markdown link or image that goes to
 * the web: {@code ![](https://…)}, {@code [1]: https://…}. A page loads an image without asking; a
 * value in its address would leave with it. One thread.
 */
final class LinkTarget {
    private static final int SCHEME = 5;

    private enum State {
        TEXT,
        /** After a bracket that may be followed by a target. */
        CLOSED,
        /** After {@code ]:}. */
        REFERENCE,
        TARGET
    }

    private final StringBuilder start = new StringBuilder(SCHEME);
    private State state = State.TEXT;

    /** False when only a closing bracket could begin a target. */
    boolean isOpen() {
        return state != State.TEXT;
    }

    /** Whether what comes next belongs to an address on the web. */
    boolean isWeb() {
        return state == State.TARGET && (start.indexOf("http") == 0 || start.indexOf("//") == 0);
    }

    void next(char c) {
        state =
                switch (state) {
                    case TEXT -> c == ']' ? State.CLOSED : State.TEXT;
                    case CLOSED -> afterBracket(c);
                    case REFERENCE -> Character.isWhitespace(c) ? State.REFERENCE : begin(c);
                    case TARGET -> inTarget(c);
                };
    }

    private State afterBracket(char c) {
        return switch (c) {
            case '(' -> {
                start.setLength(0);
                yield State.TARGET;
            }
            case ':' -> State.REFERENCE;
            case ']' -> State.CLOSED;
            default -> State.TEXT;
        };
    }

    private State begin(char c) {
        start.setLength(0);
        return inTarget(c);
    }

    private State inTarget(char c) {
        boolean leading = start.isEmpty() && (c == '<' || Character.isWhitespace(c));
        if (!leading && (c == ')' || c == '>' || Character.isWhitespace(c))) {
            return State.TEXT;
        }
        if (!leading && start.length() < SCHEME) {
            start.append(Character.toLowerCase(c));
        }
        return State.TARGET;
    }
}
