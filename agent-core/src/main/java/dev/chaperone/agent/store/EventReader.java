// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.store;

import dev.chaperone.agent.os.KeyVault;
import dev.chaperone.model.event.Event;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads the event store, also while an agent writes it. */
public final class EventReader {
    private final Path file;
    private final Optional<EventCipher> cipher;
    private final EventJson json = new EventJson();

    /** Makes neither store nor key: whoever looks leaves nothing behind. */
    public EventReader(Path dataDir, KeyVault vault) throws IOException {
        this.file = dataDir.resolve("events.db");
        this.cipher = EventCipher.existing(vault);
    }

    /**
     * Events since an instant, oldest first.
     *
     * @param afterSeq only events with a higher sequence number
     */
    public List<Event> since(Instant from, long afterSeq) throws IOException {
        List<Event> events = new ArrayList<>();
        each(EventSchema.SINCE, events::add, from.toEpochMilli(), afterSeq);
        return events;
    }

    /**
     * Events of a user, newest first.
     *
     * @param user pseudonym
     */
    public List<Event> ofUser(String user, Instant from, int most) throws IOException {
        List<Event> events = new ArrayList<>();
        each(
                "SELECT id, repeats, body FROM events WHERE user = ? AND at >= ? ORDER BY at DESC, seq DESC LIMIT ?",
                events::add,
                user,
                from.toEpochMilli(),
                most);
        return events;
    }

    /**
     * Looks at the events of a user, or of all, one after the other.
     *
     * @param user pseudonym, or null for all
     */
    public void each(@Nullable String user, Instant from, Consumer<Event> look) throws IOException {
        each(
                "SELECT id, repeats, body FROM events WHERE (? IS NULL OR user = ?) AND at >= ?",
                look,
                user,
                user,
                from.toEpochMilli());
    }

    /**
     * Events that were not wholly inspected, or only warned of; the newest.
     *
     * @param user pseudonym, or null for all
     */
    public List<Event> exceptions(@Nullable String user, Instant from, int most)
            throws IOException {
        List<Event> events = new ArrayList<>();
        each(
                "SELECT id, repeats, body FROM events WHERE (unread > 0 OR action = 'warn') AND at >= ?"
                        + " AND (? IS NULL OR user = ?) ORDER BY at DESC LIMIT ?",
                events::add,
                from.toEpochMilli(),
                user,
                user,
                most);
        return events;
    }

    private void each(String sql, Consumer<Event> look, @Nullable Object... values)
            throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        SqliteLibrary.load();
        try (Connection reader = open();
                PreparedStatement query = reader.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                query.setObject(i + 1, values[i]);
            }
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    String id = rows.getString(1);
                    int repeats = rows.getInt(2);
                    opened(id, rows.getBytes(3)).map(e -> e.repeated(repeats)).ifPresent(look);
                }
            }
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private Optional<Event> opened(String id, byte[] body) {
        return cipher.flatMap(c -> c.open(body, associated(id))).flatMap(json::read);
    }

    /**
     * Whether what was stored last can be read: not when the key is missing or is another's. True
     * of an empty store.
     */
    public boolean readable() throws IOException {
        if (!Files.exists(file)) {
            return true;
        }
        try (Connection reader = open();
                PreparedStatement query =
                        reader.prepareStatement(
                                "SELECT id, body FROM events ORDER BY at DESC, seq DESC LIMIT 1");
                ResultSet row = query.executeQuery()) {
            return !row.next() || opened(row.getString(1), row.getBytes(2)).isPresent();
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** How many events of a user are stored. */
    public long count(String user) throws IOException {
        return number("SELECT COUNT(*) FROM events WHERE user = ?", user);
    }

    /** How many events are stored. */
    public long count() throws IOException {
        return number("SELECT COUNT(*) FROM events");
    }

    /** Sequence numbers that a crash may have cost, at most. */
    public long losses() throws IOException {
        return number(
                "SELECT COALESCE(SUM(to_seq - from_seq + 1), 0) FROM losses WHERE reason = 'crash'");
    }

    /**
     * Events that were not taken, since the disk failed or the queue was full, or that went before
     * the server had them, since too many waited.
     */
    public long dropped() throws IOException {
        return number(
                "SELECT (SELECT COALESCE(SUM(events), 0) FROM dropped) + (SELECT"
                        + " COALESCE(SUM(to_seq - from_seq + 1), 0) FROM losses WHERE reason = 'overflow')");
    }

    /** When the oldest event happened that the server does not have yet; empty when it has all. */
    public Optional<Instant> oldestPending() throws IOException {
        long at =
                number(
                        "SELECT COALESCE(MIN(at), 0) FROM events WHERE epoch = (SELECT MAX(epoch) FROM sequence)"
                                + " AND seq > COALESCE((SELECT MAX(d.seq) FROM delivered d WHERE d.epoch = events.epoch), 0)");
        return at == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(at));
    }

    private long number(String query, String... values) throws IOException {
        if (!Files.exists(file)) {
            return 0;
        }
        try (Connection reader = open();
                PreparedStatement s = reader.prepareStatement(query)) {
            for (int i = 0; i < values.length; i++) {
                s.setString(i + 1, values[i]);
            }
            try (ResultSet row = s.executeQuery()) {
                return row.next() ? row.getLong(1) : 0;
            }
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private Connection open() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + file);
    }

    private static IOException failed(SQLException e) {
        return new IOException(
                "the event store cannot be read: SQLite code " + e.getErrorCode(), e);
    }

    static byte[] associated(String id) {
        return id.getBytes(StandardCharsets.US_ASCII);
    }
}
