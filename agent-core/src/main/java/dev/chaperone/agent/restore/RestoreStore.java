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
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The mappings of the conversations: in memory, and encrypted on the device where an answer may
 * need them after a restart. Each lives 12 hours from its last use; at most 1024. Full card numbers
 * stay in memory (DESIGN §2 rule 4). Thread-safe.
 */
public final class RestoreStore implements AutoCloseable {
    private static final String FOLDER = "restore";
    static final Duration LIFETIME = Duration.ofHours(12);
    static final int MAX_CONVERSATIONS = 1024;

    /** An answer that takes longer is not restored to its end. */
    private static final Duration LONGEST_ANSWER = Duration.ofHours(2);

    /** How often mappings that ended are deleted though nobody asks for any. */
    private static final Duration SWEEP = Duration.ofHours(1);

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
        return open(dataFolder, vault, clock, SWEEP);
    }

    static RestoreStore open(
            Path dataFolder, KeyVault vault, InstantSource clock, Duration sweepEvery)
            throws IOException {
        MappingFiles files = MappingFiles.open(dataFolder.resolve(FOLDER), vault);
        RestoreStore store = new RestoreStore(clock, files);
        synchronized (store) {
            files.readAll().entrySet().stream()
                    .sorted((a, b) -> a.getValue().lastUse().compareTo(b.getValue().lastUse()))
                    .forEach(e -> store.conversations.put(e.getKey(), e.getValue()));
            store.dropOld();
        }
        files.repeat(sweepEvery, store::sweep);
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
            delete(next.getKey(), next.getValue());
        }
    }

    private void delete(Conversation conversation, Entry entry) {
        if (files != null && entry.kept) {
            files.delete(conversation);
        }
    }

    private void sweep() {
        synchronized (this) {
            dropOld();
        }
        turns.cleanUp();
        expected.cleanUp();
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

    /**
     * How many values of a user are known, each counted once for each placeholder it has. Those of
     * conversations out of which something was taken lie encrypted on the disk ({@link
     * #countOnDisk}), but for card numbers; all others are in memory only: card numbers, values of
     * exchanges whose answer is still to come, and of conversations that are not kept.
     */
    public synchronized int count(long uid) {
        dropOld();
        Set<Map.Entry<String, String>> pairs = new HashSet<>();
        conversations.forEach((conversation, entry) -> {
            if (conversation.uid == uid) {
                entry.mapping.addPairs(pairs);
            }
        });
        for (Turn turn : turns.asMap().values()) {
            if (turn.uid == uid) {
                turn.mapping.addPairs(pairs);
            }
        }
        for (Expected answer : expected.asMap().values()) {
            if (answer.uid == uid) {
                answer.restoration.values().forEach((k, v) -> pairs.add(Map.entry(k, v)));
            }
        }
        return pairs.size();
    }

    /**
     * Forgets every value of a user, in memory and on the disk: answers that come now keep their
     * placeholders.
     *
     * @return how many values were forgotten, as {@link #count} has them; their files are gone when
     *     this returns
     */
    public int forget(long uid) {
        int forgotten;
        synchronized (this) {
            forgotten = count(uid);
            Iterator<Map.Entry<Conversation, Entry>> all = conversations.entrySet().iterator();
            while (all.hasNext()) {
                Map.Entry<Conversation, Entry> one = all.next();
                if (one.getKey().uid == uid) {
                    all.remove();
                    delete(one.getKey(), one.getValue());
                }
            }
            turns.asMap().values().removeIf(t -> t.uid == uid);
            expected.asMap().values().removeIf(e -> e.uid == uid);
        }
        // Not under the lock: prompts must not wait for the disk.
        if (files != null) {
            files.flush();
        }
        return forgotten;
    }

    /**
     * How many values lie encrypted on the disk, each counted once for each placeholder it has. For
     * when no agent runs; changes nothing, makes neither folder nor key.
     *
     * @param uid -1 for every user
     * @throws IOException when folder or vault cannot be read
     */
    public static int countOnDisk(Path dataFolder, KeyVault vault, long uid) throws IOException {
        return StoredMappings.count(dataFolder.resolve(FOLDER), vault, uid);
    }

    /**
     * Deletes what lies on the disk. For when no agent runs: one that runs has the values in memory
     * too and writes them again.
     *
     * @param uid -1 for every user; then files that cannot be read go as well
     * @return how many values were deleted, as {@link #countOnDisk} has them
     * @throws IOException when folder or vault cannot be read, or a file cannot be deleted
     */
    public static int forgetOnDisk(Path dataFolder, KeyVault vault, long uid) throws IOException {
        return StoredMappings.forget(dataFolder.resolve(FOLDER), vault, uid);
    }

    /** Deletes what has ended and writes what is still to be written. */
    @Override
    public void close() {
        sweep();
        if (files != null) {
            files.close();
        }
    }
}
