// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.restore;

/**
 * The parentheses of a Markdown link or image, {@code ](…)}, from the first to the one that closes
 * them (CommonMark 0.31.2 §6.3): nested ones, the form in angle brackets, backslashes. A blank line
 * ends a link that was not closed. Never ends before CommonMark would. One thread.
 */
final class InlineTarget {
    private final HarmlessScheme scheme = new HarmlessScheme();

    /** Open parentheses; 0 outside. */
    private int depth;

    private boolean bracket;
    private boolean started;
    private boolean angle;
    private boolean escaped;
    private boolean blankLine;

    boolean keepsPlaceholders() {
        return depth > 0 && !scheme.matches();
    }

    void next(char c) {
        boolean opens = bracket && c == '(';
        bracket = c == ']';
        if (depth > 0) {
            inside(c);
            if (opens) {
                scheme.spoil();
            }
        } else if (opens) {
            depth = 1;
            started = false;
            angle = false;
            escaped = false;
            blankLine = false;
            scheme.begin();
        }
    }

    private void inside(char c) {
        if (c == '\n' || c == '\r') {
            newLine(c);
            return;
        }
        boolean space = Character.isWhitespace(c);
        blankLine &= space;
        if (space) {
            if (started && !angle) {
                scheme.spoil(); // a title, or no link at all
            }
            escaped = false;
        } else if (!started && c == '<') {
            started = true;
            angle = true;
        } else {
            started = true;
            scheme.next(c);
            structure(c);
        }
    }

    private void structure(char c) {
        if (escaped) {
            escaped = false;
        } else if (c == '\\') {
            escaped = true;
        } else if (angle) {
            if (c == '>') {
                angle = false;
                scheme.spoil();
            }
        } else if (c == '(') {
            depth++;
        } else if (c == ')') {
            depth--;
        }
    }

    private void newLine(char c) {
        if (c == '\n') {
            if (blankLine) {
                depth = 0;
            }
            blankLine = true;
        }
        angle = false;
        escaped = false;
        if (started) {
            scheme.spoil();
        }
    }
}
