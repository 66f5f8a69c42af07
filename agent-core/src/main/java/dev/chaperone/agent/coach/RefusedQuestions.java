// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.coach;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Questions whose request was refused, answerable for an hour. Bounded; the oldest of the user with
 * the most goes first, so that one user cannot push out another's. Guarded by its desk's lock.
 */
final class RefusedQuestions {
    static final Duration KEPT = Duration.ofHours(1);
    static final int MAX_BY_USER = 16;
    static final int MAX = 64;

    private final Map<UUID, OpenQuestion> open = new LinkedHashMap<>();

    void put(OpenQuestion question, Instant now) {
        expire(now);
        open.remove(question.question().id());
        long uid = question.uid;
        if (count(uid) >= MAX_BY_USER) {
            removeOldest(uid);
        } else if (open.size() >= MAX) {
            removeOldest(busiest());
        }
        open.put(question.question().id(), question);
    }

    private long count(long uid) {
        return open.values().stream().filter(o -> o.uid == uid).count();
    }

    private long busiest() {
        return open.values().stream()
                .map(o -> o.uid)
                .max(java.util.Comparator.comparingLong(this::count))
                .orElseThrow();
    }

    private void removeOldest(long uid) {
        Iterator<OpenQuestion> all = open.values().iterator();
        while (all.hasNext()) {
            if (all.next().uid == uid) {
                all.remove();
                return;
            }
        }
    }

    void expire(Instant now) {
        open.values().removeIf(o -> now.isAfter(o.question().until()));
    }

    void remove(UUID id) {
        open.remove(id);
    }

    Optional<OpenQuestion> of(UUID id) {
        return Optional.ofNullable(open.get(id));
    }

    Collection<OpenQuestion> all() {
        return open.values();
    }
}
