// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.coach;

import dev.chaperone.model.ipc.Question;
import dev.chaperone.model.ipc.Settled;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How the last questions ended; no text. Thread-safe. */
final class History {
    private static final int MAX = 256;

    private record Entry(long uid, Settled settled) {}

    private final Deque<Entry> entries = new ArrayDeque<>();

    synchronized void add(long uid, Settled settled) {
        if (entries.size() == MAX) {
            entries.removeFirst();
        }
        entries.addLast(new Entry(uid, settled));
    }

    synchronized List<Settled> of(long uid) {
        return entries.stream().filter(e -> e.uid() == uid).map(Entry::settled).toList();
    }

    synchronized boolean ended(@Nullable Long uid, String id) {
        return entries.stream()
                .filter(e -> uid == null || e.uid() == uid)
                .map(e -> e.settled().id())
                .anyMatch(i -> i.toString().equals(id) || Question.shortId(i).equals(id));
    }
}
