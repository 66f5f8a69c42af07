// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.restore;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Restores one text that comes in pieces, cut anywhere. Keeps back only what can still become a
 * placeholder, at most 64 characters. Leaves alone what stands in an address. One thread.
 */
public final class Restorer {
    /** What JSON in Markdown puts before a bracket. */
    private static final int MAX_SLASHES = 2;

    /**
     * Units {@code [start, end)} of a piece read {@code with}. In order; one that inserts comes
     * before one that replaces at the same place.
     */
    public record Change(int start, int end, String with) {
        /** Hides the text. */
        @Override
        public String toString() {
            return "Change[" + start + ", " + end + "]";
        }
    }

    /** Who gets the text. */
    public enum Reader {
        /** A page that may draw it as Markdown or HTML and turn addresses into links. */
        PAGE,
        /** A tool: only Markdown in its arguments may come to a page. */
        TOOL
    }

    private enum State {
        TEXT,
        /** After backslashes that a bracket may follow. */
        SLASHES,
        /** Behind the opening bracket. */
        INSIDE
    }

    private final PlaceholderForms forms;
    private final Growth growth;
    private final UnaryOperator<String> escape;
    private final StringBuilder key = new StringBuilder();
    private final LinkTarget target;
    private State state = State.TEXT;

    /** What is not given out yet; the target has not seen it. */
    private final StringBuilder held = new StringBuilder();

    /** What of it earlier pieces left: the start of what may be a placeholder. */
    private String carried = "";

    /** Where in this piece it goes on. */
    private int from;

    private int openSlashes;
    private int slashes;

    /**
     * @param escape what a value needs where it is put, for example to stand in a JSON string
     */
    public Restorer(
            PlaceholderForms forms, Growth growth, UnaryOperator<String> escape, Reader reader) {
        this.target = new LinkTarget(reader);
        this.forms = forms;
        this.growth = growth;
        this.escape = escape;
    }

    /**
     * The changes that turn a piece into what may be given out now.
     *
     * @param last the text ends with this piece: nothing is kept back
     */
    public List<Change> add(String piece, boolean last) {
        if (state == State.TEXT && piece.indexOf('[') < 0 && piece.indexOf('\\') < 0) {
            target.next(piece);
            return List.of();
        }
        List<Change> changes = new ArrayList<>();
        from = 0;
        for (int i = 0; i < piece.length(); i++) {
            char c = piece.charAt(i);
            held.append(c);
            switch (state) {
                case TEXT -> begin(c, i);
                case SLASHES -> slash(c, i, changes);
                case INSIDE -> inside(c, i, changes);
            }
        }
        if (last) {
            release(piece.length(), changes);
        } else if (state != State.TEXT && piece.length() > from) {
            changes.add(new Change(from, piece.length(), ""));
            carried += piece.substring(from);
        }
        return changes;
    }

    /** True when something is held back. */
    public boolean holds() {
        return !carried.isEmpty();
    }

    /** What is held back; the text ends here or goes on without it. */
    public String rest() {
        String rest = carried;
        carried = "";
        giveOut(held.length());
        state = State.TEXT;
        return rest;
    }

    private void begin(char c, int i) {
        if (c == '\\') {
            state = State.SLASHES;
            slashes = 1;
            from = i;
        } else if (c == '[') {
            from = i;
            open(0);
        } else {
            giveOut(held.length());
        }
    }

    /** The first {@code chars} of what is held are given out as they came. */
    private void giveOut(int chars) {
        target.next(held.substring(0, chars));
        held.delete(0, chars);
    }

    private void open(int before) {
        state = State.INSIDE;
        openSlashes = before;
        slashes = 0;
        key.setLength(0);
    }

    private void slash(char c, int i, List<Change> changes) {
        if (c == '[') {
            open(slashes);
        } else if (c != '\\') {
            release(i, changes);
        } else if (slashes < MAX_SLASHES) {
            slashes++;
        } else {
            giveOut(1);
            if (carried.isEmpty()) {
                from++;
            } else {
                changes.add(new Change(0, 0, carried.substring(0, 1)));
                carried = carried.substring(1);
            }
        }
    }

    private void inside(char c, int i, List<Change> changes) {
        int length = carried.length() + i - from + 1;
        if (c == ']') {
            String value = forms.value(key);
            if (value != null && !target.keepsPlaceholders() && growth.take(value.length())) {
                restore(value, i, changes);
            } else {
                release(i, changes);
            }
        } else if (c == '\\') {
            slashes++;
            if (slashes > MAX_SLASHES || length >= PlaceholderForms.MAX_LENGTH) {
                fail(c, i, changes);
            }
        } else {
            boolean escapedLetter = slashes > 0 && Character.isLetterOrDigit(c);
            if (escapedLetter
                    || !PlaceholderForms.add(c, key)
                    || length >= PlaceholderForms.MAX_LENGTH
                    || !forms.canBecome(key.toString())) {
                fail(c, i, changes);
            } else {
                slashes = 0;
            }
        }
    }

    private void restore(String value, int i, List<Change> changes) {
        // Backslashes before the bracket are Markdown's only if the closing one has them too.
        boolean markdown = openSlashes == slashes;
        String kept = markdown ? "" : "\\".repeat(openSlashes);
        changes.add(new Change(from, i + 1, kept + escape.apply(value)));
        carried = "";
        held.setLength(0);
        target.next(kept);
        target.next(value);
        state = State.TEXT;
    }

    /** What was held up to {@code i} is no placeholder; {@code c} may begin one. */
    private void fail(char c, int i, List<Change> changes) {
        int own = c == '[' ? slashes : 0;
        int inPiece = Math.min(own, i - from);
        int inCarried = own - inPiece;
        String released = carried.substring(0, carried.length() - inCarried);
        String kept = carried.substring(carried.length() - inCarried);
        if (!released.isEmpty()) {
            changes.add(new Change(0, 0, released));
        }
        carried = kept;
        state = State.TEXT;
        giveOut(held.length() - own - 1);
        if (c == '[') {
            from = kept.isEmpty() ? i - inPiece : 0;
            open(own);
        } else {
            begin(c, i);
        }
    }

    private void release(int i, List<Change> changes) {
        if (!carried.isEmpty()) {
            changes.add(new Change(0, 0, carried));
            carried = "";
        }
        giveOut(held.length());
        from = i + 1;
        state = State.TEXT;
    }
}
