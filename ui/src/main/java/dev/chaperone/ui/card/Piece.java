// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.card;

/**
 * A run of a shown text.
 *
 * @param kind what it is
 * @param text raw; for a cut: empty
 * @param number of the mark it belongs to, or 0; for a cut: how many UTF-16 units are not shown
 */
record Piece(Kind kind, String text, int number) {
    enum Kind {
        PLAIN,
        /** What was found, and goes away. */
        FOUND,
        /** What was found, and is sent. */
        KEPT,
        /** What is sent instead. */
        PLACEHOLDER,
        /** Left out of the view. */
        CUT
    }

    static Piece cut(int units) {
        return new Piece(Kind.CUT, "", units);
    }

    /** Hides the text (DESIGN §2 rule 4). */
    @Override
    public String toString() {
        return kind + "[" + text.length() + " chars]";
    }
}
