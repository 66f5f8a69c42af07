// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.card;

import dev.chaperone.ui.card.Piece.Kind;
import java.util.ArrayList;
import java.util.List;

/** What of a long text is shown: the surroundings of its marks, or its beginning. */
final class Excerpt {
    private static final int AROUND = 140; // UTF-16 units on each side of a mark
    private static final int LONG_MARK = 240; // a mark may be a whole table
    private static final int MAX_ALL = 20_000; // laid out by JavaFX in well under 100 ms
    private static final int MAX_PIECES = 600;

    private Excerpt() {}

    /** The surroundings of the marks; of a text without any: its beginning. */
    static List<Piece> around(List<Piece> pieces) {
        List<Piece> out = new ArrayList<>();
        for (int i = 0; i < pieces.size() && out.size() < MAX_PIECES / 10; i++) {
            Piece piece = pieces.get(i);
            if (piece.kind() == Kind.PLAIN) {
                int head = i == 0 && pieces.size() > 1 ? 0 : AROUND * (pieces.size() == 1 ? 4 : 1);
                int tail = i == pieces.size() - 1 ? 0 : AROUND;
                shorten(out, piece, head, tail);
            } else if (piece.kind() != Kind.CUT) {
                shorten(out, piece, LONG_MARK * 2 / 3, LONG_MARK / 3);
            }
        }
        return rest(pieces, out);
    }

    /** The text, as much of it as a window can hold. */
    static List<Piece> all(List<Piece> pieces) {
        List<Piece> out = new ArrayList<>();
        int room = MAX_ALL;
        for (Piece piece : pieces) {
            if (room <= 0 || out.size() >= MAX_PIECES) {
                break;
            }
            shorten(out, piece, room, 0);
            room -= piece.text().length();
        }
        return rest(pieces, out);
    }

    /** Whether something is left out. */
    static boolean isCut(List<Piece> shown) {
        return shown.stream().anyMatch(p -> p.kind() == Kind.CUT);
    }

    private static void shorten(List<Piece> out, Piece piece, int head, int tail) {
        String text = piece.text();
        int left = text.length() - head - tail;
        if (left <= Math.min(40, head + tail)) { // hiding less than its own note would be silly
            out.add(piece);
            return;
        }
        int from = whole(text, head);
        int to = whole(text, text.length() - tail);
        if (from > 0) {
            out.add(new Piece(piece.kind(), text.substring(0, from), piece.number()));
        }
        out.add(Piece.cut(to - from));
        if (to < text.length()) {
            out.add(new Piece(piece.kind(), text.substring(to), piece.number()));
        }
    }

    /** Ends with what the pieces that were not looked at hold. */
    private static List<Piece> rest(List<Piece> pieces, List<Piece> out) {
        int all = pieces.stream().mapToInt(p -> p.text().length()).sum();
        int said =
                out.stream()
                        .mapToInt(p -> p.kind() == Kind.CUT ? p.number() : p.text().length())
                        .sum();
        if (all > said) {
            out.add(Piece.cut(all - said));
        }
        return List.copyOf(out);
    }

    /** An offset that cuts no surrogate pair. */
    private static int whole(String text, int at) {
        return at > 0 && at < text.length() && Character.isLowSurrogate(text.charAt(at))
                ? at - 1
                : at;
    }
}
