// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.agent.os.FileKeyVault;
import dev.chaperone.model.decision.Action;
import dev.chaperone.model.event.Event;
import dev.chaperone.model.sync.EventBatch;
import dev.chaperone.model.sync.EventBatch.HighWater;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventSpoolTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @SuppressWarnings("NullAway.Init") // set before each test
    private FileKeyVault vault;

    @BeforeEach
    void open() throws Exception {
        vault = new FileKeyVault(folder.resolve("keys"));
    }

    private List<UUID> commit(int events) throws Exception {
        List<UUID> ids = new ArrayList<>();
        try (EventStore store = new EventStore(folder, vault)) {
            for (int i = 0; i < events; i++) {
                Event event = EventStoreTest.event("m");
                ids.add(event.id());
                store.commit(event);
            }
        }
        return ids;
    }

    /** Takes all batches as the server would. */
    private List<EventBatch> drain(EventSpool spool) throws Exception {
        List<EventBatch> batches = new ArrayList<>();
        for (var next = spool.next(); next.isPresent(); next = spool.next()) {
            EventBatch batch = next.get();
            assertThat(batch.complete()).as("%d to %d", batch.from(), batch.to()).isTrue();
            batches.add(batch);
            spool.delivered(batch, new HighWater(batch.epoch(), batch.to()));
        }
        return batches;
    }

    @Test
    void everyEventIsSentOnceAndInOrder() throws Exception {
        List<UUID> ids = commit(620);
        try (EventSpool spool = new EventSpool(folder, vault)) {
            List<EventBatch> batches = drain(spool);
            assertThat(batches).hasSizeGreaterThan(1);
            assertThat(batches.stream().flatMap(b -> b.events().stream()).map(Event::id))
                    .containsExactlyElementsOf(ids);
            assertThat(batches)
                    .allSatisfy(b ->
                            assertThat(b.events()).hasSizeLessThanOrEqualTo(EventBatch.MAX_EVENTS));
        }
        try (EventSpool again = new EventSpool(folder, vault)) {
            assertThat(again.next()).as("after a restart").isEmpty();
        }
    }

    @Test
    void whatTheServerDidNotConfirmIsSentAgain() throws Exception {
        commit(3);
        try (EventSpool spool = new EventSpool(folder, vault)) {
            EventBatch first = spool.next().orElseThrow();
            assertThat(spool.next()).contains(first);
            spool.delivered(first, new HighWater(first.epoch(), 1));
            EventBatch rest = spool.next().orElseThrow();
            assertThat(rest.from()).isEqualTo(2);
            assertThat(rest.events()).hasSize(2);
        }
    }

    @Test
    void serverThatKnowsAnotherEpochGetsEverything() throws Exception {
        commit(3);
        try (EventSpool spool = new EventSpool(folder, vault)) {
            EventBatch all = spool.next().orElseThrow();
            spool.delivered(all, new HighWater(all.epoch(), 3));
            spool.delivered(all, new HighWater(all.epoch() - 1, 900));
            assertThat(spool.next().orElseThrow().events()).hasSize(3);
        }
    }

    @Test
    void crashIsDeliveredAsALossAndCounted() throws Exception {
        commit(2);
        long epoch;
        try (EventSpool spool = new EventSpool(folder, vault)) {
            epoch = spool.delivered().epoch();
        }
        try (Connection c =
                DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("events.db"))) {
            // As after a loss of power: a block is reserved and nothing says what became of it.
            Files.delete(folder.resolve("events.accepted"));
            c.createStatement().execute("UPDATE sequence SET reserved = 514");
        }
        commit(1);
        try (EventSpool spool = new EventSpool(folder, vault)) {
            EventBatch batch = spool.next().orElseThrow();
            assertThat(batch.epoch()).isEqualTo(epoch);
            assertThat(batch.to()).isEqualTo(515);
            assertThat(batch.events()).hasSize(3);
            assertThat(batch.losses()).containsExactly(new EventBatch.Loss(3, 514, "crash"));
            assertThat(batch.complete()).isTrue();
            assertThat(spool.lost()).isEqualTo(512);
        }
    }

    @Test
    void lossAtTheEndIsDeliveredWithoutAnEventAfterIt() throws Exception {
        commit(1);
        try (Connection c =
                DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("events.db"))) {
            Files.delete(folder.resolve("events.accepted"));
            c.createStatement().execute("UPDATE sequence SET reserved = 5");
        }
        commit(0);
        try (EventSpool spool = new EventSpool(folder, vault)) {
            assertThat(drain(spool).getLast().losses())
                    .containsExactly(new EventBatch.Loss(2, 5, "crash"));
            assertThat(spool.next()).isEmpty();
        }
    }

    @Test
    void counterThatRoseAfterDeliveryIsSentOnce() throws Exception {
        List<UUID> ids = commit(2);
        try (EventSpool spool = new EventSpool(folder, vault)) {
            drain(spool);
            try (EventStore store = new EventStore(folder, vault)) {
                store.repeat(ids.getFirst());
                store.repeat(ids.getFirst());
            }
            List<EventBatch> batches = drain(spool);
            assertThat(batches).hasSize(1);
            assertThat(batches.getFirst().repeats())
                    .containsExactly(java.util.Map.entry(ids.getFirst().toString(), 2));
            assertThat(batches.getFirst().events()).isEmpty();
        }
    }

    @Test
    void counterThatRoseBeforeDeliveryTravelsWithItsEvent() throws Exception {
        List<UUID> ids = commit(1);
        try (EventStore store = new EventStore(folder, vault)) {
            store.repeat(ids.getFirst());
        }
        try (EventSpool spool = new EventSpool(folder, vault)) {
            List<EventBatch> batches = drain(spool);
            assertThat(batches).hasSize(1);
            assertThat(batches.getFirst().events().getFirst().repeats()).isEqualTo(1);
        }
    }

    @Test
    void eventThatCannotBeOpenedIsALossNotASilentGap() throws Exception {
        commit(3);
        try (Connection c =
                DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("events.db"))) {
            c.createStatement().execute("UPDATE events SET body = x'00' WHERE seq = 2");
        }
        try (EventSpool spool = new EventSpool(folder, vault)) {
            EventBatch batch = spool.next().orElseThrow();
            assertThat(batch.complete()).isTrue();
            assertThat(batch.losses()).containsExactly(new EventBatch.Loss(2, 2, "overflow"));
        }
    }

    /** The bound is looked at by the first batch of a run. */
    @Test
    void tooManyWaitingDropTheLeastValuableAndTheLossIsDelivered() throws Exception {
        List<UUID> blocked = new ArrayList<>();
        try (EventStore store = new EventStore(folder, vault)) {
            for (int i = 0; i < 60; i++) {
                Event event = EventStoreTest.event("m", i % 3 == 0 ? Action.BLOCK : Action.ALLOW);
                if (event.action() == Action.BLOCK) {
                    blocked.add(event.id());
                }
                store.commit(event);
            }
        }
        try (EventSpool spool = new EventSpool(folder, vault)) {
            EventBatch refused = spool.next().orElseThrow(); // a server is there
            spool.delivered(refused, new HighWater(refused.epoch(), 0));
        }
        Event last = EventStoreTest.event("m", Action.ALLOW);
        try (EventStore store = new EventStore(folder, vault, 30)) {
            store.commit(last);
        }
        List<UUID> kept = new ArrayList<>();
        long lost = 0;
        try (EventSpool spool = new EventSpool(folder, vault)) {
            assertThat(spool.lost()).isEqualTo(34);
            for (EventBatch batch : drain(spool)) {
                batch.events().forEach(e -> kept.add(e.id()));
                for (EventBatch.Loss loss : batch.losses()) {
                    assertThat(loss.reason()).isEqualTo("overflow");
                    lost += loss.to() - loss.from() + 1;
                }
            }
        }
        assertThat(kept).hasSize(27).containsAll(blocked).contains(last.id());
        assertThat(lost).isEqualTo(34);
        assertThat(new EventReader(folder, vault).dropped()).isEqualTo(34);
    }

    @Test
    void oldEventsEndAndTheNumberingGoesOn() throws Exception {
        Instant old = Instant.now().minus(EventRetention.KEEP).minusSeconds(60);
        try (EventStore store = new EventStore(folder, vault)) {
            for (int i = 0; i < 5; i++) {
                store.commit(EventStoreTest.event("m", Action.BLOCK, old));
            }
        }
        try (EventSpool spool = new EventSpool(folder, vault)) {
            drain(spool);
        }
        try (EventStore store = new EventStore(folder, vault)) {
            store.commit(EventStoreTest.event("m"));
        }
        EventReader reader = new EventReader(folder, vault);
        assertThat(reader.count()).isEqualTo(1);
        assertThat(reader.dropped()).isZero();
        assertThat(reader.losses()).isZero();
        try (EventSpool spool = new EventSpool(folder, vault)) {
            List<EventBatch> batches = drain(spool);
            assertThat(batches).hasSize(1);
            assertThat(batches.getFirst().from()).isEqualTo(6);
            assertThat(batches.getFirst().losses()).isEmpty();
        }
    }

    /** What comes while a batch is made belongs to the next one: it is never called lost. */
    @Test
    void eventsThatComeWhileABatchIsMadeAreNoLoss() throws Exception {
        int all = 4000;
        try (EventStore store = new EventStore(folder, vault);
                EventSpool spool = new EventSpool(folder, vault)) {
            Thread writer =
                    Thread.ofVirtual()
                            .start(() -> {
                                for (int i = 0; i < all; i++) {
                                    commit(store);
                                }
                            });
            int delivered = 0;
            while (delivered < all) {
                for (EventBatch batch : drain(spool)) {
                    assertThat(batch.losses()).isEmpty();
                    delivered += batch.events().size();
                }
            }
            writer.join();
        }
    }

    private static void commit(EventStore store) {
        try {
            store.commit(EventStoreTest.event("m"));
        } catch (EventStore.Unavailable | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
