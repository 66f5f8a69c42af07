// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import dev.chaperone.inspector.Replacement;
import dev.chaperone.inspector.body.Edits;
import dev.chaperone.inspector.body.Text;
import dev.chaperone.model.prompt.Origin;
import dev.chaperone.model.prompt.Segment;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/** The texts of one prompt while they are gathered; each place of the body at most once. */
final class SegmentList {
    private final List<Segment> segments = new ArrayList<>();
    private final List<Text> places = new ArrayList<>();

    /** Places that are a segment already, or that nobody needs to read. */
    private final IdentityHashMap<Text, Boolean> known = new IdentityHashMap<>();

    void add(Text text, Origin origin) {
        if (known.putIfAbsent(text, true) == null && !text.value().isEmpty()) {
            segments.add(new Segment(segments.size(), text.value(), origin));
            places.add(text);
        }
    }

    /** Keeps a text from becoming a segment: an attachment's bytes. */
    void leaveOut(Text text) {
        known.put(text, true);
    }

    boolean knows(Text text) {
        return known.containsKey(text);
    }

    int size() {
        return segments.size();
    }

    Text place(int i) {
        return places.get(i);
    }

    Segment get(int i) {
        return segments.get(i);
    }

    List<Segment> segments() {
        return segments;
    }

    TextMap map(byte[] body) {
        return new Places(List.copyOf(places), body);
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Places(List<Text> places, byte[] body) implements TextMap {
        @Override
        public byte[] rewrite(List<Replacement> replacements) {
            Edits edits = new Edits();
            try {
                for (Replacement replacement : replacements) {
                    edit(replacement, edits);
                }
                return edits.applyTo(body);
            } catch (UnsupportedOperationException _) {
                throw new RewriteException("a text stands outside of the body");
            }
        }

        private void edit(Replacement replacement, Edits edits) {
            Text text = places.get(replacement.segment());
            if (replacement.span().end() > text.value().length()) {
                throw new RewriteException("a span ends beyond its text");
            }
            text.edit(
                    replacement.span().start(),
                    replacement.span().end(),
                    replacement.text(),
                    edits);
        }

        /** Hides the texts. */
        @Override
        public String toString() {
            return "Places[" + places.size() + "]";
        }
    }
}
