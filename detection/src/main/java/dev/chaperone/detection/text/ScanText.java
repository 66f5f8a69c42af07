// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.text;

import dev.chaperone.model.finding.Span;
import org.jspecify.annotations.Nullable;

/**
 * A text as detectors read it, with each offset mapped back to the segment it came from. Immutable.
 */
public final class ScanText {
    private final String text;

    /** Start and end in the original of each character, or null when nothing was changed. */
    private final int @Nullable [] starts;

    private final int @Nullable [] ends;

    ScanText(String text, int @Nullable [] starts, int @Nullable [] ends) {
        this.text = text;
        this.starts = starts;
        this.ends = ends;
    }

    /** A text in which every offset is its own original. */
    public static ScanText plain(String text) {
        return new ScanText(text, null, null);
    }

    /** A text of which every character stands for the same original range, as in base64. */
    static ScanText inside(String text, Span original) {
        int[] starts = new int[text.length()];
        int[] ends = new int[text.length()];
        java.util.Arrays.fill(starts, original.start());
        java.util.Arrays.fill(ends, original.end());
        return new ScanText(text, starts, ends);
    }

    public String value() {
        return text;
    }

    public int length() {
        return text.length();
    }

    /** The character at {@code i}, or NUL outside the text. */
    public char at(int i) {
        return i >= 0 && i < text.length() ? text.charAt(i) : '\0';
    }

    public String slice(int start, int end) {
        return text.substring(start, end);
    }

    /** The end of the run of characters in {@code set} that starts at {@code from}. */
    public int runEnd(int from, CharSet set, int limit) {
        int end = Math.min(text.length(), limit);
        int i = from;
        while (i < end && set.has(text.charAt(i))) {
            i++;
        }
        return i;
    }

    /** The start of the run of characters in {@code set} that ends before {@code from}. */
    public int runStart(int from, CharSet set, int atMost) {
        int floor = Math.max(0, from - atMost);
        int i = from;
        while (i > floor && set.has(text.charAt(i - 1))) {
            i--;
        }
        return i;
    }

    /**
     * Whether one of the lower-case words occurs in the {@code width} characters around a range.
     */
    public boolean near(int start, int end, int width, Words words) {
        return words.occurIn(text, Math.max(0, start - width), start)
                || words.occurIn(text, end, Math.min(text.length(), end + width));
    }

    /**
     * Whether one of the lower-case words occurs in the {@code width} characters before a place.
     */
    public boolean before(int start, int width, Words words) {
        return words.occurIn(text, Math.max(0, start - width), start);
    }

    /** The original range of a range of this text. */
    public Span original(int start, int end) {
        return starts == null || ends == null
                ? new Span(start, end)
                : new Span(starts[start], ends[end - 1]);
    }

    /** Whether a range was changed by normalising or decoding. */
    public boolean changed(int start, int end) {
        return starts != null && ends != null && ends[end - 1] - starts[start] != end - start;
    }

    /** Hides the text (DESIGN §2 rule 4). */
    @Override
    public String toString() {
        return "ScanText[" + text.length() + " chars]";
    }
}
