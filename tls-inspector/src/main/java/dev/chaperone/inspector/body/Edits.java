// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.body;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;

/** Changes to the bytes of one body, collected in any order and then applied at once. */
public final class Edits {
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Edit(int from, int to, byte[] with) {}

    private final List<Edit> edits = new ArrayList<>();
    private final IdentityHashMap<Source.InBase64, Edits> inner = new IdentityHashMap<>();

    /** Puts bytes in at a place. */
    public void insert(int at, byte[] with) {
        add(at, at, with);
    }

    /** True when nothing changes. */
    public boolean isEmpty() {
        return edits.isEmpty() && inner.isEmpty();
    }

    void add(int from, int to, byte[] with) {
        edits.add(new Edit(from, to, with));
    }

    Edits inside(Source.InBase64 source) {
        return inner.computeIfAbsent(source, _ -> new Edits());
    }

    /** The body with all changes. Where two overlap, their union reads as the first of them. */
    public byte[] applyTo(byte[] body) {
        // A base64 layer can lie in another one: encoding one may add changes to the next.
        while (!inner.isEmpty()) {
            IdentityHashMap<Source.InBase64, Edits> layers = new IdentityHashMap<>(inner);
            inner.clear();
            layers.forEach((source, changes) -> source.encode(changes, this));
        }
        edits.sort(Comparator.comparingInt(Edit::from).thenComparingInt(Edit::to));
        List<Edit> merged = new ArrayList<>();
        for (Edit edit : edits) {
            Edit last = merged.isEmpty() ? null : merged.getLast();
            if (last != null && edit.from < last.to) {
                merged.set(
                        merged.size() - 1,
                        new Edit(last.from, Math.max(last.to, edit.to), last.with));
            } else {
                merged.add(edit);
            }
        }
        int size = body.length;
        for (Edit edit : merged) {
            size += edit.with.length - (edit.to - edit.from);
        }
        byte[] changed = new byte[size];
        int read = 0;
        int written = 0;
        for (Edit edit : merged) {
            System.arraycopy(body, read, changed, written, edit.from - read);
            written += edit.from - read;
            System.arraycopy(edit.with, 0, changed, written, edit.with.length);
            written += edit.with.length;
            read = edit.to;
        }
        System.arraycopy(body, read, changed, written, body.length - read);
        return changed;
    }
}
