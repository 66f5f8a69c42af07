// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.restore;

/**
 * The destination of a Markdown link reference definition, {@code [x]: …} (CommonMark 0.31.2 §4.7),
 * wherever in a line it stands: it may be quoted or listed. One thread.
 */
final class ReferenceTarget {
    private enum State {
        NONE,
        /** Between the colon and the destination: at most one line ends here. */
        LEADING,
        PLAIN,
        ANGLE
    }

    private final HarmlessScheme scheme = new HarmlessScheme();
    private State state = State.NONE;
    private boolean bracket;
    private boolean lineEnded;
    private boolean escaped;

    boolean keepsPlaceholders() {
        return state != State.NONE && !scheme.matches();
    }

    void next(char c) {
        boolean opens = bracket && c == ':';
        bracket = c == ']';
        if (opens) {
            lineEnded = false;
            if (state == State.NONE) {
                scheme.begin();
            } else {
                scheme.spoil();
            }
            if (state != State.ANGLE) {
                state = State.LEADING;
            }
        } else {
            state =
                    switch (state) {
                        case NONE -> State.NONE;
                        case LEADING -> leading(c);
                        case PLAIN -> plain(c);
                        case ANGLE -> angle(c);
                    };
        }
    }

    private State leading(char c) {
        if (c == '\n') {
            boolean blank = lineEnded;
            lineEnded = true;
            return blank ? State.NONE : State.LEADING;
        }
        // A quotation goes on with its mark in the next line.
        if (Character.isWhitespace(c) || c == '>') {
            return State.LEADING;
        }
        if (c == '<') {
            escaped = false;
            return State.ANGLE;
        }
        scheme.next(c);
        return State.PLAIN;
    }

    private State plain(char c) {
        scheme.next(c);
        return Character.isWhitespace(c) ? State.NONE : State.PLAIN;
    }

    private State angle(char c) {
        scheme.next(c);
        boolean ends = c == '\n' || c == '>' && !escaped;
        escaped = c == '\\' && !escaped;
        return ends ? State.NONE : State.ANGLE;
    }
}
