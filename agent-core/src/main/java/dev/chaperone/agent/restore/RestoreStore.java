// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.restore;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.chaperone.agent.os.KeyVault;
import dev.chaperone.inspector.Restoration;
import dev.chaperone.model.prompt.Exchange;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The mappings of the conversations: in memory, and encrypted on the device where an answer may
 * need them after a restart. Each lives 12 hours from its last use; at most 1024. Full card numbers
 * stay in memory (DESIGN §2 rule 4). Thread-safe.
 */
public final class RestoreStore implements AutoCloseable {
    static final Duration LIFETIME = Duration.ofHours(12);
    static final int MAX_CONVERSATIONS = 1024;

    /** An answer that takes longer is not restored to its end. */
    private static final Duration LONGEST_ANSWER = Duration.ofHours(2);

    private static final Duration REFRESH = Duration.ofMinutes(10);
    private static final Duration FIRST_ANSWER = Duration.ofMinutes(15);

    /**
     * A conversation of one user: another user's with the same id is another one.
     *
     * @param uid -1 when unknown
     */
    record Conversation(long uid, String service, String id) {
        static Conversation of(Exchange exchange, @Nullable String id) {
            return new Conversation(
                    exchange.client().uid(), exchange.service().id(), id == null ? "" : id);
        }

        /** Hides the id: it can name a person. */
        @Override
        public String toString() {
            return "Conversation[" + uid + ", " + service + "]";
        }
    }

    /**
     * A mapping and its use.
     *
     * @param written the last use that the disk knows of
     * @param kept whether it is on the disk too
     */
    record Entry(Mapping mapping, Instant lastUse, Instant written, boolean kept) {
        Entry used(Instant now) {
            return new Entry(mapping, now, written, kept);
        }

        Entry onDisk() {
            return new Entry(mapping, lastUse, lastUse, kept);
        }
    }

    private record Turn(long uid, Mapping mapping) {}

    private record Expected(long uid, Restoration restoration) {}

    private final InstantSource clock;
    private final @Nullable MappingFiles files;

    /** In order of last use; guarded by this. */
    private final LinkedHashMap<Conversation, Entry> conversations =
            new LinkedHashMap<>(64, 0.75f, true);

    private final Cache<Long, Turn> turns =
            Caffeine.newBuilder()
                    .maximumSize(MAX_CONVERSATIONS)
                    .expireAfterWrite(FIRST_ANSWER)
                    .build();
    private final Cache<Long, Expected> expected =
            Caffeine.newBuilder()
                    .maximumSize(MAX_CONVERSATIONS)
                    .expireAfterWrite(LONGEST_ANSWER)
                    .build();

    private RestoreStore(InstantSource clock, @Nullable MappingFiles files) {
        this.clock = clock;
        this.files = files;
    }

    /**
     * Opens the store of a data folder; what cannot be read there is deleted and counted.
     *
     * @throws IOException when the folder cannot be made or the vault has no key
     */
    public static RestoreStore open(Path dataFolder, KeyVault vault, InstantSource clock)
            throws IOException {
        MappingFiles files = MappingFiles.open(dataFolder.resolve("restore"), vault);
        RestoreStore store = new RestoreStore(clock, files);
        synchronized (store) {
            files.readAll().entrySet().stream()
                    .sorted((a, b) -> a.getValue().lastUse().compareTo(b.getValue().lastUse()))
                    .forEach(e -> store.conversations.put(e.getKey(), e.getValue()));
            store.dropOld();
        }
        return store;
    }

    /** A store that keeps nothing on the disk. */
    public static RestoreStore inMemory(InstantSource clock) {
        return new RestoreStore(clock, null);
    }

    /** How many files could not be read when the store was opened, and were deleted. */
    public int unreadable() {
        return files == null ? 0 : files.unreadable();
    }

    // ---- conversations

    synchronized Mapping get(Conversation conversation) {
        dropOld();
        Entry entry = conversations.get(conversation);
        if (entry == null) {
            return Mapping.EMPTY;
        }
        Instant now = clock.instant();
        // The disk learns of a use now and then: a file a read would be too many.
        boolean stale = entry.written.isBefore(now.minus(REFRESH));
        put(conversation, entry.used(now), stale);
        return entry.mapping;
    }

    synchronized void put(Conversation conversation, Mapping mapping) {
        Entry before = conversations.get(conversation);
        Instant now = clock.instant();
        if (before == null) {
            put(conversation, new Entry(mapping, now, now, false), false);
        } else {
            Entry entry = new Entry(mapping, now, before.written, before.kept);
            put(conversation, entry, !mapping.equals(before.mapping));
        }
        dropOld();
    }

    /**
     * Changes a conversation's mapping; nobody else changes it meanwhile.
     *
     * @param change must not block
     * @return the mapping as changed
     */
    synchronized Mapping update(Conversation conversation, UnaryOperator<Mapping> change) {
        Mapping changed = change.apply(get(conversation));
        put(conversation, changed);
        return changed;
    }

    private void put(Conversation conversation, Entry entry, boolean write) {
        boolean writes = write && entry.kept && files != null;
        Entry now = writes ? entry.onDisk() : entry;
        conversations.put(conversation, now);
        if (writes && files != null) {
            files.write(conversation, now);
        }
    }

    /** Keeps a conversation's mapping over a restart. */
    synchronized void keep(Conversation conversation) {
        Entry entry = conversations.get(conversation);
        if (entry != null && !entry.kept) {
            put(conversation, new Entry(entry.mapping, entry.lastUse, entry.written, true), true);
        }
    }

    private void dropOld() {
        Instant oldest = clock.instant().minus(LIFETIME);
        Iterator<Map.Entry<Conversation, Entry>> inOrder = conversations.entrySet().iterator();
        while (inOrder.hasNext()) {
            Map.Entry<Conversation, Entry> next = inOrder.next();
            if (conversations.size() <= MAX_CONVERSATIONS
                    && !next.getValue().lastUse.isBefore(oldest)) {
                return;
            }
            inOrder.remove();
            delete(next.getKey());
        }
    }

    private void delete(Conversation conversation) {
        if (files != null) {
            files.delete(conversation);
        }
    }

    // ---- exchanges

    void putTurn(long exchange, long uid, Mapping mapping) {
        turns.put(exchange, new Turn(uid, mapping));
    }

    Mapping turn(long exchange) {
        return Optional.ofNullable(turns.getIfPresent(exchange))
                .map(Turn::mapping)
                .orElse(Mapping.EMPTY);
    }

    void expect(long exchange, long uid, Restoration restoration) {
        expected.put(exchange, new Expected(uid, restoration));
    }

    Restoration expected(long exchange) {
        return Optional.ofNullable(expected.getIfPresent(exchange))
                .map(Expected::restoration)
                .orElse(Restoration.NONE);
    }

    void answered(long exchange, String service, @Nullable String conversation) {
        boolean restored = expected.asMap().remove(exchange) != null;
        Turn turn = turns.asMap().remove(exchange);
        if (turn != null && conversation != null) {
            Conversation named = new Conversation(turn.uid, service, conversation);
            // The next prompt may have come before this answer was read to its end.
            update(named, known -> known.and(turn.mapping));
            if (restored) {
                keep(named);
            }
        }
    }

    // ---- the person's rights

    /** How many mappings of a user are kept, in memory or on the disk. */
    public synchronized int count(long uid) {
        dropOld();
        long all = conversations.keySet().stream().filter(c -> c.uid == uid).count();
        return (int) (all + turns.asMap().values().stream().filter(t -> t.uid == uid).count());
    }

    /**
     * Forgets every mapping of a user: answers that come now keep their placeholders.
     *
     * @return how many were forgotten; their files are gone when this returns
     */
    public synchronized int forget(long uid) {
        int forgotten = count(uid);
        Iterator<Conversation> all = conversations.keySet().iterator();
        while (all.hasNext()) {
            Conversation conversation = all.next();
            if (conversation.uid == uid) {
                all.remove();
                delete(conversation);
            }
        }
        turns.asMap().values().removeIf(t -> t.uid == uid);
        expected.asMap().values().removeIf(e -> e.uid == uid);
        return forgotten;
    }

    /** Writes what is still to be written. */
    @Override
    public void close() {
        if (files != null) {
            files.close();
        }
    }
}
