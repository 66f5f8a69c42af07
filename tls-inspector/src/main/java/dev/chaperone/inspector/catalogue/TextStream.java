// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import dev.chaperone.inspector.body.CanonicalJson;
import dev.chaperone.inspector.body.Edits;
import dev.chaperone.inspector.body.Text;
import dev.chaperone.inspector.catalogue.EventTexts.PatchPlace;
import dev.chaperone.inspector.catalogue.EventTexts.Piece;
import dev.chaperone.inspector.framing.Frame;
import dev.chaperone.inspector.restore.Growth;
import dev.chaperone.inspector.restore.PlaceholderForms;
import dev.chaperone.inspector.restore.Restorer;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One text that goes on over several events of an answer. One thread. */
final class TextStream {
    private final Set<String> marks;
    private final Restorer restorer;
    private boolean json;
    private boolean begun;

    /** The last event of a stream that holds something, and all texts of that event. */
    private @Nullable Frame frame;

    private @Nullable Text text;
    private @Nullable PatchPlace patch;
    private List<Piece> beside = List.of();

    TextStream(Set<String> marks, PlaceholderForms forms, Growth growth, Restorer.Reader reader) {
        this.marks = marks;
        this.restorer =
                new Restorer(forms, growth, v -> json ? CanonicalJson.escape(v) : v, reader);
    }

    boolean holds() {
        return restorer.holds();
    }

    /** Forgets what is held: the text it belongs to is replaced. */
    void restart() {
        restorer.rest();
        begun = false;
    }

    /**
     * Notes the changes of one more piece.
     *
     * @param last the stream ends with it
     * @return false when nothing of it changes
     */
    boolean add(Piece piece, boolean last, Frame in, List<Piece> all, Edits edits) {
        String value = piece.text().value();
        if (!begun && !value.isBlank()) {
            begun = true;
            char first = value.stripLeading().charAt(0);
            json = piece.json() && (first == '{' || first == '[');
        }
        List<Restorer.Change> changes = restorer.add(value, last);
        changes.forEach(c -> piece.text().edit(c.start(), c.end(), c.with(), edits));
        boolean keeps = restorer.holds();
        frame = keeps ? in : null;
        text = keeps ? piece.text() : null;
        beside = keeps ? all : List.of();
        patch = piece.patch();
        return !changes.isEmpty();
    }

    @Nullable PatchPlace patch() {
        return patch;
    }

    /**
     * Whether an event that does not go on with this stream tells that its text has ended: it is
     * about the same part of the answer, or about all of it.
     */
    boolean endsBefore(Set<String> event, boolean end) {
        if (marks.isEmpty() || event.isEmpty()) {
            return end;
        }
        return marks.containsAll(event) || event.containsAll(marks);
    }

    /** What is held, which is then given out. */
    String rest() {
        return restorer.rest();
    }

    /** An event like the stream's last one, with nothing but what is held as its text. */
    byte[] copy() {
        Frame like = frame;
        Text own = text;
        if (like == null || own == null) {
            return new byte[0];
        }
        Edits edits = new Edits();
        own.edit(0, own.value().length(), restorer.rest(), edits);
        for (Piece other : beside) {
            if (!other.text().equals(own)) {
                other.text().edit(0, other.text().value().length(), "", edits);
            }
        }
        return like.copyWithData(edits.applyTo(like.data()));
    }

    /** A further frame like the stream's last one, with other data. */
    byte[] frameWith(byte[] data) {
        Frame like = frame;
        return like == null ? new byte[0] : like.copyWithData(data);
    }
}
