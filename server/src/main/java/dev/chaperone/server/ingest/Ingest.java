// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.ingest;

import dev.chaperone.model.event.Event;
import dev.chaperone.model.sync.EventBatch;
import dev.chaperone.model.sync.EventBatch.HighWater;
import dev.chaperone.server.enrol.Device;
import dev.chaperone.server.enrol.Devices;
import dev.chaperone.server.http.Json;
import dev.chaperone.server.store.Sql;
import dev.chaperone.server.store.Storage;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Stores batches, each event once. The device's mark, the events, the losses and the roll-ups
 * change in one transaction, and the answer is given after its commit: an answer that is lost costs
 * a resend, which is recognised by {@code (device, epoch, seq)}.
 */
public final class Ingest {
    /** Clocks differ: an event from further ahead is taken to be of now. */
    private static final Duration AHEAD = Duration.ofHours(1);

    private static final String INSERT =
            "insert into event (device, epoch, seq, id, time, repeats, body) values (?,?,?,?,?,?,?)";

    /** What became of a batch. */
    public sealed interface Result {
        /** Everything up to here is durable. */
        record Stored(HighWater mark) implements Result {}

        /** The batch does not join on; the device goes on from the mark. */
        record Gap(HighWater mark) implements Result {}

        /** Another event is stored under this number: two devices use one identity. */
        record Clone(long seq) implements Result {}
    }

    private record Row(Event event, Instant time, String body) {
        @Override
        public String toString() {
            return "Row[" + event.seq() + "]";
        }
    }

    private final Storage storage;
    private final InstantSource clock;
    private final Pseudonyms pseudonyms;
    private final Duration retention;

    /**
     * @param retention how long events are kept; what is older is not moved into the past
     */
    public Ingest(Storage storage, InstantSource clock, Pseudonyms pseudonyms, Duration retention) {
        this.storage = storage;
        this.clock = clock;
        this.pseudonyms = pseudonyms;
        this.retention = retention;
    }

    /**
     * Stores what is new of a batch that passed {@link EventCheck}.
     *
     * @param device as its certificate says
     */
    Result store(Device device, EventBatch batch) throws InterruptedException {
        Instant now = clock.instant();
        List<Row> rows = new ArrayList<>(batch.events().size());
        for (Event event : batch.events()) {
            Event kept = event.withUser(pseudonyms.of(event.user()));
            rows.add(new Row(kept, time(event.at(), now), Json.MAPPER.writeValueAsString(kept)));
        }
        return storage.write(c -> store(c, device.id(), batch, rows, now));
    }

    private Instant time(Instant at, Instant now) {
        if (at.isAfter(now.plus(AHEAD))) {
            return now;
        }
        return at.isBefore(now.minus(retention)) ? now.minus(retention) : at;
    }

    private Result store(Connection c, String id, EventBatch batch, List<Row> rows, Instant now)
            throws SQLException {
        Device device = Devices.byId(c, id).orElseThrow();
        HighWater mark = new HighWater(device.epoch(), device.seq());
        boolean newEpoch = batch.epoch() > device.epoch();
        long known = newEpoch ? 0 : device.seq();
        Devices.heard(c, device.n(), now);
        if (batch.epoch() < device.epoch() || batch.from() > known + 1) {
            return new Result.Gap(mark);
        }
        Optional<Long> contradicted =
                newEpoch
                        ? Optional.empty()
                        : contradicted(c, device.n(), batch.epoch(), rows, known);
        if (contradicted.isPresent()) {
            Sql.update(c, "update device set clones = clones + 1 where n = ?", device.n());
            return new Result.Clone(contradicted.get());
        }
        RollUp rollUp = new RollUp();
        String group = device.group() == null ? "none" : device.group();
        insert(c, device.n(), rows, known, group, rollUp);
        insertLosses(c, device.n(), batch, known, now);
        repeat(c, device.n(), batch.repeats(), group, rollUp);
        rollUp.write(c);
        HighWater reached = new HighWater(batch.epoch(), Math.max(known, batch.to()));
        Sql.update(
                c,
                "update device set epoch = ?, seq = ? where n = ?",
                reached.epoch(),
                reached.seq(),
                device.n());
        return new Result.Stored(reached);
    }

    /** The first number at or below the mark under which another event is stored. */
    private static Optional<Long> contradicted(
            Connection c, long device, long epoch, List<Row> rows, long known) throws SQLException {
        for (Row row : rows) {
            long seq = row.event().seq();
            if (seq > known) {
                break;
            }
            Optional<String> stored =
                    Sql.first(
                            c,
                            "select id from event where device = ? and epoch = ? and seq = ?",
                            r -> r.getString(1),
                            device,
                            epoch,
                            seq);
            // None: a loss, or retention has deleted it.
            if (stored.isPresent() && !stored.get().equals(row.event().id().toString())) {
                return Optional.of(seq);
            }
        }
        return Optional.empty();
    }

    private static void insert(
            Connection c, long device, List<Row> rows, long known, String group, RollUp rollUp)
            throws SQLException {
        try (PreparedStatement insert = c.prepareStatement(INSERT)) {
            for (Row row : rows) {
                Event e = row.event();
                if (e.seq() > known) {
                    insert.setLong(1, device);
                    insert.setLong(2, e.epoch());
                    insert.setLong(3, e.seq());
                    insert.setString(4, e.id().toString());
                    insert.setLong(5, row.time().toEpochMilli());
                    insert.setInt(6, e.repeats());
                    insert.setString(7, row.body());
                    insert.executeUpdate();
                    rollUp.add(day(row.time().toEpochMilli()), group, e);
                }
            }
        }
    }

    private static void insertLosses(
            Connection c, long device, EventBatch batch, long known, Instant now)
            throws SQLException {
        for (EventBatch.Loss loss : batch.losses()) {
            if (loss.to() > known) {
                Sql.update(
                        c,
                        "insert into loss (device, epoch, first, last, reason, received)"
                                + " values (?,?,?,?,?,?)",
                        device,
                        batch.epoch(),
                        Math.max(loss.from(), known + 1),
                        loss.to(),
                        loss.reason(),
                        now.toEpochMilli());
            }
        }
    }

    private static void repeat(
            Connection c, long device, Map<String, Integer> repeats, String group, RollUp rollUp)
            throws SQLException {
        for (Map.Entry<String, Integer> entry : repeats.entrySet()) {
            record Stored(long time, int repeats, String body) {}
            Optional<Stored> found =
                    Sql.first(
                            c,
                            "select time, repeats, body from event where device = ? and id = ?",
                            r -> new Stored(r.getLong(1), r.getInt(2), r.getString(3)),
                            device,
                            UUID.fromString(entry.getKey()).toString());
            if (found.isPresent() && entry.getValue() > found.get().repeats()) {
                Stored stored = found.get();
                Sql.update(
                        c,
                        "update event set repeats = ? where device = ? and id = ?",
                        entry.getValue(),
                        device,
                        entry.getKey());
                rollUp.repeat(
                        day(stored.time()),
                        group,
                        Json.MAPPER.readValue(stored.body(), Event.class),
                        entry.getValue() - stored.repeats());
            }
        }
    }

    private static long day(long millis) {
        return Math.floorDiv(millis, Duration.ofDays(1).toMillis());
    }
}
