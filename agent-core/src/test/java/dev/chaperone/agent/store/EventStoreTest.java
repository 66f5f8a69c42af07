// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.chaperone.agent.os.FileKeyVault;
import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Outcome;
import dev.chaperone.model.decision.Stage;
import dev.chaperone.model.event.Event;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventStoreTest {
    private static final int BLOCK = 512;
    private static final int QUEUE = 4096;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private EventStore store(Path at) throws Exception {
        return new EventStore(at, vault(at));
    }

    private static FileKeyVault vault(Path at) throws Exception {
        return new FileKeyVault(at.resolve("keys"));
    }

    private static List<Event> read(Path at) throws Exception {
        return new EventReader(at, vault(at)).since(Instant.EPOCH, 0);
    }

    static Event event(@Nullable String model) {
        return event(model, Action.REDACT);
    }

    static Event event(@Nullable String model, Action action) {
        return event(model, action, Instant.now());
    }

    static Event event(@Nullable String model, Action action, Instant at) {
        UUID id = UUID.randomUUID();
        return new Event(
                id,
                1,
                0,
                0,
                at,
                0,
                "service-marker",
                "chat",
                "prompt",
                "host.test",
                null,
                new Event.App("app", null, null),
                Event.Actor.PERSON,
                "user",
                model,
                "code",
                Map.of("SECRET.x", 1),
                Map.of(),
                Map.of(),
                Stage.REQUEST,
                action,
                "rule-marker",
                "explanation-marker",
                Outcome.SENT_REDACTED,
                Map.of(),
                null,
                0,
                10,
                20,
                "policy@1",
                List.of(),
                id);
    }

    @Test
    void writersConnectionIsFullySynchronous() throws Exception {
        try (EventStore store = store(folder)) {
            assertThat(store.synchronous()).isEqualTo(2);
        }
    }

    @Test
    void committedEventIsThereAtOnceAndTheSame() throws Exception {
        try (EventStore store = store(folder)) {
            Event event = event("m");
            store.commit(event);
            Event stored = read(folder).getFirst();
            assertThat(stored).isEqualTo(event.numbered(stored.epoch(), 1));
            assertThat(stored.epoch()).isPositive();
        }
    }

    @Test
    void appendedEventsAreCommittedTogetherWithinAMoment() throws Exception {
        try (EventStore store = store(folder)) {
            for (int i = 0; i < 200; i++) {
                store.append(event("m"));
            }
            awaitCount(200);
        }
        assertThat(read(folder).stream().map(Event::seq))
                .containsExactlyElementsOf(LongStream.rangeClosed(1, 200).boxed().toList());
    }

    private void awaitCount(int n) throws Exception {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (read(folder).size() < n) {
            assertThat(System.nanoTime()).as("events stored").isLessThan(until);
            TimeUnit.MILLISECONDS.sleep(10); // the writer's own thread groups for 50 ms
        }
    }

    @Test
    void contentSeenAgainRaisesACounter() throws Exception {
        Event event = event("m");
        try (EventStore store = store(folder)) {
            store.commit(event);
            store.repeat(event.id());
            store.repeat(event.id());
        }
        assertThat(read(folder)).hasSize(1).first().returns(2, Event::repeats);
    }

    @Test
    void bodyIsEncrypted() throws Exception {
        try (EventStore store = store(folder)) {
            store.commit(event("model-marker"));
            for (Path file :
                    List.of(folder.resolve("events.db"), folder.resolve("events.db-wal"))) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .doesNotContain("explanation-marker", "rule-marker", "model-marker");
            }
        }
    }

    @Test
    void rowThatWasTamperedWithIsNotRead() throws Exception {
        try (EventStore store = store(folder)) {
            store.commit(event("one"));
            store.commit(event("two"));
            store.commit(event("three"));
        }
        sql(
                "UPDATE events SET body = substr(body, 1, 20) || x'00' || substr(body, 22) WHERE seq = 1");
        // A body moved to another row does not fit that row's id.
        sql("UPDATE events SET body = (SELECT body FROM events WHERE seq = 3) WHERE seq = 2");
        assertThat(read(folder)).extracting(Event::model).containsExactly("three");
    }

    private void sql(String statement) throws Exception {
        try (Connection c =
                        DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("events.db"));
                Statement s = c.createStatement()) {
            assertThat(s.executeUpdate(statement)).isEqualTo(1);
        }
    }

    @Test
    void blockThatACrashLeftOpenBecomesALossRecord() throws Exception {
        Path crashed = Files.createDirectories(folder.resolve("crashed"));
        Path live = Files.createDirectories(folder.resolve("live"));
        try (EventStore store = store(live)) {
            for (int i = 0; i < 3; i++) {
                store.commit(event("m"));
            }
            copy(live, crashed); // what a machine that lost power finds
        }
        Files.delete(crashed.resolve("events.accepted")); // or that of an earlier boot
        try (EventStore store = store(crashed)) {
            store.commit(event("after"));
        }
        EventReader reader = new EventReader(crashed, vault(crashed));
        assertThat(reader.losses()).isEqualTo(BLOCK + 1 - 3);
        assertThat(read(crashed)).extracting(Event::seq).containsExactly(1L, 2L, 3L, BLOCK + 2L);
        assertThat(new EventReader(live, vault(live)).losses()).isZero();
    }

    /** The kernel keeps the mapped count of a process that was killed. */
    @Test
    void killedProcessLosesExactlyWhatWasOnItsWay() throws Exception {
        Path killed = Files.createDirectories(folder.resolve("killed"));
        Path live = Files.createDirectories(folder.resolve("live"));
        try (EventStore store = store(live);
                Connection lock =
                        DriverManager.getConnection("jdbc:sqlite:" + live.resolve("events.db"));
                Statement s = lock.createStatement()) {
            for (int i = 0; i < 3; i++) {
                store.commit(event("m"));
            }
            s.execute("BEGIN IMMEDIATE"); // the next ones stay on their way
            store.append(event("on its way"));
            store.append(event("on its way"));
            copy(live, killed);
            s.execute("ROLLBACK");
        }
        try (EventStore store = store(killed)) {
            store.commit(event("after"));
        }
        assertThat(new EventReader(killed, vault(killed)).losses()).isEqualTo(2);
        assertThat(read(killed)).extracting(Event::seq).containsExactly(1L, 2L, 3L, 6L);
    }

    private static void copy(Path from, Path to) throws Exception {
        Files.createDirectories(to.resolve("keys"));
        for (String name :
                List.of(
                        "events.db",
                        "events.db-wal",
                        "events.db-shm",
                        "events.accepted",
                        "keys/event-store-key")) {
            Files.copy(from.resolve(name), to.resolve(name));
        }
    }

    @Test
    void cleanEndCostsNoNumber() throws Exception {
        store(folder).close();
        try (EventStore store = store(folder)) {
            store.commit(event("m"));
        }
        try (EventStore store = store(folder)) {
            store.commit(event("m"));
        }
        assertThat(read(folder)).extracting(Event::seq).containsExactly(1L, 2L);
        assertThat(new EventReader(folder, vault(folder)).losses()).isZero();
    }

    @Test
    void fullQueueAndFailingDiskAreUnavailableAndTheStoreRecovers() throws Exception {
        try (EventStore store = store(folder)) {
            try (Connection c =
                            DriverManager.getConnection(
                                    "jdbc:sqlite:" + folder.resolve("events.db"));
                    Statement s = c.createStatement()) {
                s.execute("BEGIN IMMEDIATE"); // nobody else can write
                assertThatExceptionOfType(EventStore.Unavailable.class)
                        .isThrownBy(() -> {
                            for (int i = 0; i < 3 * QUEUE; i++) {
                                store.append(event("m"));
                            }
                        });
                assertThat(store.refused()).isPositive();
                awaitBroken(store);
                s.execute("ROLLBACK");
            }
            Event after = event("after");
            awaitTaken(store, after);
            assertThat(store.broken()).isEmpty();
            List<Event> stored = read(folder);
            assertThat(stored).extracting(Event::id).contains(after.id());
            assertThat(stored.getLast().seq())
                    .as("each number is an event's, or counted as lost")
                    .isEqualTo(stored.size() + store.refused());
            assertThat(new EventReader(folder, vault(folder)).dropped()).isEqualTo(store.refused());
        }
    }

    @Test
    void diskThatFailedOnceIsTriedAgainWhenTheNextEventComes() throws Exception {
        try (EventStore store = store(folder)) {
            try (Connection c =
                            DriverManager.getConnection(
                                    "jdbc:sqlite:" + folder.resolve("events.db"));
                    Statement s = c.createStatement()) {
                s.execute("BEGIN IMMEDIATE");
                assertThatExceptionOfType(EventStore.Unavailable.class)
                        .isThrownBy(() -> store.commit(event("lost")));
                assertThat(store.refused()).isEqualTo(1);
                s.execute("ROLLBACK");
            }
            awaitTaken(store, event("after")); // nothing was left in the queue that would wake it
            assertThat(read(folder)).extracting(Event::model).containsExactly("after");
            assertThat(read(folder)).extracting(Event::seq).containsExactly(store.refused() + 1);
        }
    }

    private static void awaitBroken(EventStore store) throws Exception {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(8);
        while (store.broken().isEmpty()) {
            assertThat(System.nanoTime()).as("store noticed").isLessThan(until);
            TimeUnit.MILLISECONDS.sleep(20); // SQLite waits 3 s for the lock
        }
    }

    private static void awaitTaken(EventStore store, Event event) throws Exception {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(8);
        while (true) {
            try {
                store.commit(event);
                return;
            } catch (EventStore.Unavailable e) {
                assertThat(System.nanoTime()).as("store recovers").isLessThan(until);
                TimeUnit.MILLISECONDS.sleep(50); // it rests before it tries the disk again
            }
        }
    }

    @Test
    void eventThatCannotBeWrittenDoesNotStopTheOthers() throws Exception {
        // A model's name comes from the request: half a surrogate pair has no UTF-8 form.
        try (EventStore store = store(folder)) {
            store.append(event("\ud800"));
            store.commit(event("next"));
            assertThat(read(folder)).extracting(Event::model).contains("next");
        }
    }

    @Test
    void epochAndNumberTogetherAreUnique() throws Exception {
        try (EventStore store = store(folder)) {
            store.commit(event("m"));
        }
        try (Connection c =
                        DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("events.db"));
                Statement s = c.createStatement();
                ResultSet row = s.executeQuery("SELECT COUNT(*) FROM sequence")) {
            assertThat(row.getInt(1)).isEqualTo(1);
        }
    }
}
