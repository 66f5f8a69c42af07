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
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Reads the event store, also while an agent writes it. */
public final class EventReader {
    private final Path file;
    private final EventCipher cipher;
    private final EventJson json = new EventJson();

    public EventReader(Path dataDir, KeyVault vault) throws IOException {
        this.file = dataDir.resolve("events.db");
        this.cipher = EventCipher.open(vault);
    }

    /**
     * Events since an instant, oldest first.
     *
     * @param afterSeq only events with a higher sequence number
     */
    public List<Event> since(Instant from, long afterSeq) throws IOException {
        if (!Files.exists(file)) {
            return List.of();
        }
        try (Connection reader = open();
                PreparedStatement query = reader.prepareStatement(EventSchema.SINCE)) {
            query.setLong(1, from.toEpochMilli());
            query.setLong(2, afterSeq);
            List<Event> events = new ArrayList<>();
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    String id = rows.getString(1);
                    int repeats = rows.getInt(2);
                    cipher.open(rows.getBytes(3), associated(id))
                            .flatMap(json::read)
                            .map(e -> e.repeated(repeats))
                            .ifPresent(events::add);
                }
            }
            return events;
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** How many events are stored. */
    public long count() throws IOException {
        return number("SELECT COUNT(*) FROM events");
    }

    /** Sequence numbers that a crash may have cost, at most. */
    public long losses() throws IOException {
        return number("SELECT COALESCE(SUM(to_seq - from_seq + 1), 0) FROM losses");
    }

    /** Events that went before the server had them, since too many waited. */
    public long dropped() throws IOException {
        return number("SELECT COALESCE(SUM(events), 0) FROM dropped");
    }

    private long number(String query) throws IOException {
        if (!Files.exists(file)) {
            return 0;
        }
        try (Connection reader = open();
                Statement s = reader.createStatement();
                ResultSet row = s.executeQuery(query)) {
            return row.next() ? row.getLong(1) : 0;
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
