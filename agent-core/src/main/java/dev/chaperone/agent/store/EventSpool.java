// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.store;

import dev.chaperone.agent.os.KeyVault;
import dev.chaperone.model.event.Event;
import dev.chaperone.model.sync.EventBatch;
import dev.chaperone.model.sync.EventBatch.HighWater;
import dev.chaperone.model.sync.EventBatch.Loss;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The part of the event store that the server does not have yet (docs/adr/0008): everything above
 * its high-water mark. Reads what the store's writer committed, on a connection of its own. For one
 * thread.
 */
public final class EventSpool implements AutoCloseable {
    /** Room for the envelope of a batch below {@link EventBatch#MAX_BYTES}. */
    private static final int MAX_BODIES = EventBatch.MAX_BYTES - (64 << 10);

    private final Connection connection;
    private final EventCipher cipher;
    private final EventJson json = new EventJson();

    /** Opens the spool of a store that was opened before. */
    public EventSpool(Path dataDir, KeyVault vault) throws IOException {
        this.cipher = EventCipher.open(vault);
        try {
            this.connection =
                    DriverManager.getConnection("jdbc:sqlite:" + dataDir.resolve("events.db"));
            try (Statement s = connection.createStatement()) {
                s.execute("PRAGMA busy_timeout=3000");
            }
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** The store's epoch and the last number the server is known to have. */
    public HighWater delivered() throws IOException {
        try {
            long epoch = number("SELECT COALESCE(MAX(epoch), 0) FROM sequence");
            return new HighWater(
                    epoch,
                    number("SELECT COALESCE(MAX(seq), 0) FROM delivered WHERE epoch = ?", epoch));
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** The last number that is durable here, an event's or a loss's. */
    public long last() throws IOException {
        try {
            return last(delivered().epoch());
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private long last(long epoch) throws SQLException {
        return Math.max(
                number("SELECT COALESCE(MAX(seq), 0) FROM events WHERE epoch = ?", epoch),
                number("SELECT COALESCE(MAX(to_seq), 0) FROM losses WHERE epoch = ?", epoch));
    }

    /** How many numbers of this epoch are losses. */
    public long lost() throws IOException {
        try {
            long epoch = delivered().epoch();
            return number(
                            "SELECT COALESCE(SUM(to_seq - from_seq + 1), 0) FROM losses WHERE epoch = ?",
                            epoch)
                    + number("SELECT COALESCE(SUM(events), 0) FROM dropped WHERE epoch = ?", epoch);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** The next batch; empty when the server has everything. */
    public Optional<EventBatch> next() throws IOException {
        return next(EventBatch.MAX_EVENTS);
    }

    /**
     * The next batch of at most so many events.
     *
     * @param most 0 for one that calls the next event a loss, since the server does not take it
     */
    public Optional<EventBatch> next(int most) throws IOException {
        try {
            // One snapshot: what is committed meanwhile must not look like a gap.
            connection.setAutoCommit(false);
            try {
                return batch(most);
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private Optional<EventBatch> batch(int most) throws SQLException, IOException {
        HighWater mark = delivered();
        Rows rows = rows(mark, Math.max(1, most));
        List<Event> events = rows.events;
        if (most == 0 && !events.isEmpty()) {
            return Optional.of(rejected(mark, events));
        }
        Map<String, Integer> repeats = events.isEmpty() ? repeats(mark) : Map.of();
        long to = rows.last > 0 ? rows.last : Math.max(mark.seq(), last(mark.epoch()));
        List<Loss> losses = losses(mark, events, to);
        EventBatch batch =
                new EventBatch(mark.epoch(), mark.seq() + 1, to, events, losses, repeats);
        return to > mark.seq() || !repeats.isEmpty() ? Optional.of(batch) : Optional.empty();
    }

    private EventBatch rejected(HighWater mark, List<Event> events) throws SQLException {
        long seq = events.getFirst().seq();
        List<Loss> losses = new ArrayList<>();
        gap(losses, mark.epoch(), mark.seq() + 1, seq - 1);
        losses.add(new Loss(seq, seq, "rejected"));
        return new EventBatch(mark.epoch(), mark.seq() + 1, seq, List.of(), losses, Map.of());
    }

    /**
     * What was read of the store.
     *
     * @param events those that could be opened
     * @param last number of the last row that was read, also of one that could not; 0 for none
     */
    private record Rows(List<Event> events, long last) {}

    private Rows rows(HighWater mark, int most) throws SQLException {
        List<Event> events = new ArrayList<>();
        long last = 0;
        try (PreparedStatement query =
                connection.prepareStatement(
                        "SELECT id, repeats, body, seq FROM events WHERE epoch = ? AND seq > ?"
                                + " ORDER BY seq LIMIT ?")) {
            query.setLong(1, mark.epoch());
            query.setLong(2, mark.seq());
            query.setInt(3, most);
            int bytes = 0;
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    String id = rows.getString(1);
                    int repeats = rows.getInt(2);
                    byte[] sealed = rows.getBytes(3);
                    bytes += sealed.length;
                    if (bytes >= MAX_BODIES && last > 0) {
                        break; // for the next batch
                    }
                    last = rows.getLong(4);
                    // What cannot be opened (another key), or is too large to be sent at all, is a
                    // loss, said below.
                    if (bytes < MAX_BODIES) {
                        cipher.open(sealed, EventReader.associated(id))
                                .flatMap(json::read)
                                .map(e -> e.repeated(repeats))
                                .ifPresent(events::add);
                    }
                }
            }
        }
        return new Rows(events, last);
    }

    /** Numbers between the mark and {@code to} that no event has. */
    private List<Loss> losses(HighWater mark, List<Event> events, long to) throws SQLException {
        List<Loss> losses = new ArrayList<>();
        long next = mark.seq() + 1;
        for (Event event : events) {
            gap(losses, mark.epoch(), next, event.seq() - 1);
            next = event.seq() + 1;
        }
        gap(losses, mark.epoch(), next, to);
        return losses;
    }

    private void gap(List<Loss> losses, long epoch, long from, long to) throws SQLException {
        if (from > to) {
            return;
        }
        long crashed =
                number(
                        "SELECT COUNT(*) FROM losses WHERE epoch = ? AND from_seq <= ? AND to_seq >= ? AND reason = 'crash'",
                        epoch,
                        to,
                        from);
        losses.add(new Loss(from, to, crashed > 0 ? "crash" : "overflow"));
    }

    private Map<String, Integer> repeats(HighWater mark) throws SQLException {
        Map<String, Integer> repeats = new LinkedHashMap<>();
        try (PreparedStatement query =
                connection.prepareStatement(
                        "SELECT e.id, e.repeats FROM events e LEFT JOIN delivered_repeats d ON d.id = e.id"
                                + " WHERE e.repeats > 0 AND e.epoch = ? AND e.seq <= ?"
                                + " AND e.repeats > COALESCE(d.repeats, 0) LIMIT ?")) {
            query.setLong(1, mark.epoch());
            query.setLong(2, mark.seq());
            query.setInt(3, EventBatch.MAX_EVENTS);
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    repeats.put(rows.getString(1), rows.getInt(2));
                }
            }
        }
        return repeats;
    }

    /**
     * Remembers what the server has.
     *
     * @param batch what was sent
     * @param mark the server's answer; another epoch than ours means that it has nothing of ours
     */
    public void delivered(EventBatch batch, HighWater mark) throws IOException {
        try {
            connection.setAutoCommit(false);
            try {
                remember(batch, mark);
                connection.commit();
            } catch (SQLException e) {
                connection.rollback();
                throw e;
            } finally {
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private void remember(EventBatch batch, HighWater mark) throws SQLException {
        moveTo(batch.epoch(), mark.epoch() == batch.epoch() ? mark.seq() : 0);
        if (mark.epoch() != batch.epoch() || mark.seq() < batch.to()) {
            return; // not taken
        }
        try (PreparedStatement known =
                connection.prepareStatement(
                        "INSERT INTO delivered_repeats VALUES (?, ?)"
                                + " ON CONFLICT (id) DO UPDATE SET repeats = excluded.repeats")) {
            for (Event event : batch.events()) {
                if (event.repeats() > 0) {
                    known.setString(1, event.id().toString());
                    known.setInt(2, event.repeats());
                    known.executeUpdate();
                }
            }
            for (Map.Entry<String, Integer> repeat : batch.repeats().entrySet()) {
                known.setString(1, repeat.getKey());
                known.setInt(2, repeat.getValue());
                known.executeUpdate();
            }
        }
    }

    private void moveTo(long epoch, long seq) throws SQLException {
        try (PreparedStatement s =
                connection.prepareStatement(
                        "INSERT INTO delivered VALUES (?, ?)"
                                + " ON CONFLICT (epoch) DO UPDATE SET seq = excluded.seq")) {
            s.setLong(1, epoch);
            s.setLong(2, seq);
            s.executeUpdate();
        }
    }

    private long number(String query, long... values) throws SQLException {
        return Sql.number(connection, query, values);
    }

    private static IOException failed(SQLException e) {
        return new IOException("the spool cannot be read: SQLite code " + e.getErrorCode(), e);
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            // Nothing is lost: what was delivered is remembered by commits.
        }
    }
}
