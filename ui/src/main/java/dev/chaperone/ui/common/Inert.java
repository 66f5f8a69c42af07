// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.common;

/**
 * Text that others chose, made harmless for a screen: what is invisible becomes visible, what turns
 * the reading order does so no more, and floods of combining marks are cut. The result may be
 * longer than the text; it is bounded.
 */
public final class Inert {
    /** Longest result, UTF-16; what is cut is counted at its end. */
    public static final int MAX_SHOWN = 40_000;

    private static final int MAX_COMBINING = 4; // more on one letter is no writing, but a flood
    private static final int PICTURES = 0x2400; // Unicode block Control Pictures
    private static final int DELETE = 0x7F;
    private static final int DELETE_PICTURE = 0x2421;
    private static final int JOINER = 0x200D;
    private static final int EMOJI_STYLE = 0xFE0F;

    private Inert() {}

    /** The text with its lines. */
    public static String text(String text) {
        StringBuilder out = new StringBuilder(Math.min(text.length() + 16, MAX_SHOWN));
        int combining = 0;
        int before = 0;
        int i = 0;
        while (i < text.length() && out.length() < MAX_SHOWN) {
            int c = text.codePointAt(i);
            int next = i + Character.charCount(c);
            boolean crlf = c == '\r' && next < text.length() && text.charAt(next) == '\n';
            combining = isCombining(c) ? combining + 1 : 0;
            if (!crlf && combining <= MAX_COMBINING) {
                append(out, c, before, next < text.length() ? text.codePointAt(next) : 0);
            } else if (combining == MAX_COMBINING + 1) {
                out.append('…');
            }
            before = c;
            i = next;
        }
        return i < text.length()
                ? out.append("… (+").append(text.length() - i).append(')').toString()
                : out.toString();
    }

    /** The text on one line, at most {@code max} characters. */
    public static String line(String text, int max) {
        String cut = text.length() <= max ? text : text.substring(0, max) + "…";
        return text(cut.replace("\r\n", "\n")).replace('\n', '␊').replace('\t', ' ');
    }

    /** Whether a person could not see that it is there. */
    public static boolean isHidden(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL -> c != '\n' && c != '\t';
            case Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE ->
                    true;
            default -> false;
        };
    }

    private static void append(StringBuilder out, int c, int before, int after) {
        if (!isHidden(c) || joinsEmoji(c, before, after)) {
            out.appendCodePoint(c);
        } else if (c < ' ') {
            out.appendCodePoint(PICTURES + c);
        } else if (c == DELETE) {
            out.appendCodePoint(DELETE_PICTURE);
        } else {
            out.append("\\u{")
                    .append(Integer.toHexString(c).toUpperCase(java.util.Locale.ROOT))
                    .append('}');
        }
    }

    private static boolean joinsEmoji(int c, int before, int after) {
        return c == JOINER
                && (before == EMOJI_STYLE
                        || Character.isExtendedPictographic(before)
                        || Character.isEmojiModifier(before))
                && Character.isExtendedPictographic(after);
    }

    private static boolean isCombining(int c) {
        int type = Character.getType(c);
        return type == Character.NON_SPACING_MARK
                || type == Character.ENCLOSING_MARK
                || type == Character.COMBINING_SPACING_MARK;
    }
}
