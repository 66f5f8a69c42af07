// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.OptionalLong;

/** Tables of the event store and the book-keeping of sequence numbers. */
final class EventSchema {
    static final String INSERT =
            "INSERT INTO events (epoch, seq, id, at, service, action, outcome, repeats, body, user, found, unread)"
                    + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    static final String REPEAT = "UPDATE events SET repeats = repeats + 1 WHERE id = ?";
    static final String SINCE =
            "SELECT id, repeats, body FROM events WHERE at >= ? AND seq > ? ORDER BY epoch, seq";

    /** Numbers that a crash cost. */
    static final String CRASH = "crash";

    /** Numbers of events that were not taken: a full queue, a disk that failed. */
    static final String OVERFLOW = "overflow";

    private EventSchema() {}

    static void prepare(Connection connection) throws SQLException {
        try (Statement s = connection.createStatement()) {
            s.execute("PRAGMA journal_mode=WAL");
            s.execute("PRAGMA synchronous=FULL");
            s.execute("PRAGMA busy_timeout=3000");
            s.execute("PRAGMA secure_delete=ON");
            s.execute(
                    "CREATE TABLE IF NOT EXISTS events (epoch INTEGER NOT NULL, seq INTEGER NOT NULL,"
                            + " id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, service TEXT NOT NULL, action TEXT NOT NULL,"
                            + " outcome TEXT NOT NULL, repeats INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (epoch, seq))"
                            + " WITHOUT ROWID");
            s.execute("CREATE INDEX IF NOT EXISTS events_at ON events (at)");
            s.execute(
                    "CREATE TABLE IF NOT EXISTS sequence (epoch INTEGER PRIMARY KEY, reserved INTEGER NOT NULL)");
            s.execute(
                    "CREATE TABLE IF NOT EXISTS losses (epoch INTEGER NOT NULL, from_seq INTEGER NOT NULL,"
                            + " to_seq INTEGER NOT NULL, at INTEGER NOT NULL)");
            add(s, "losses", "reason", "TEXT NOT NULL DEFAULT 'crash'");
            add(s, "events", "user", "TEXT NOT NULL DEFAULT ''");
            add(s, "events", "found", "INTEGER NOT NULL DEFAULT 0");
            add(s, "events", "unread", "INTEGER NOT NULL DEFAULT 0");
            s.execute("CREATE INDEX IF NOT EXISTS events_user ON events (user, at)");
            s.execute(
                    "CREATE INDEX IF NOT EXISTS events_exceptions ON events (at) WHERE unread > 0 OR action = 'warn'");
            s.execute(
                    "CREATE TABLE IF NOT EXISTS ended (epoch INTEGER PRIMARY KEY, seq INTEGER NOT NULL)");
            s.execute(
                    "CREATE TABLE IF NOT EXISTS delivered (epoch INTEGER PRIMARY KEY, seq INTEGER NOT NULL)");
            s.execute(
                    "CREATE TABLE IF NOT EXISTS delivered_repeats (id TEXT PRIMARY KEY, repeats INTEGER NOT NULL)"
                            + " WITHOUT ROWID");
            s.execute(
                    "CREATE TABLE IF NOT EXISTS dropped (epoch INTEGER PRIMARY KEY, events INTEGER NOT NULL)");
            s.execute("CREATE INDEX IF NOT EXISTS events_repeats ON events (id) WHERE repeats > 0");
        }
    }

    /**
     * The store's epoch; a new store starts at the present second, so that a store made anew never
     * repeats a number.
     */
    static long epoch(Connection connection) throws SQLException {
        try (Statement s = connection.createStatement()) {
            try (ResultSet row = s.executeQuery("SELECT MAX(epoch) FROM sequence")) {
                if (row.next() && row.getLong(1) > 0) {
                    return row.getLong(1);
                }
            }
            long epoch = Instant.now().getEpochSecond();
            s.execute("INSERT INTO sequence VALUES (" + epoch + ", 0)");
            return epoch;
        }
    }

    /**
     * Turns what a crash cost into a loss record; returns the last number that is spoken for.
     *
     * @param accepted the last number that was to be given, where that is known: the exact loss.
     *     Else the block that was left open bounds it
     */
    static long recover(Connection connection, long epoch, OptionalLong accepted)
            throws SQLException {
        long stored =
                Sql.number(
                        connection,
                        "SELECT COALESCE(MAX(seq), 0) FROM events WHERE epoch = " + epoch);
        long ended =
                Sql.number(
                        connection,
                        "SELECT COALESCE(MAX(seq), 0) FROM ended WHERE epoch = " + epoch);
        long known =
                Math.max(
                        Math.max(stored, ended),
                        Sql.number(
                                connection,
                                "SELECT COALESCE(MAX(to_seq), 0) FROM losses WHERE epoch = "
                                        + epoch));
        long reserved =
                accepted.orElse(
                        Sql.number(
                                connection,
                                "SELECT reserved FROM sequence WHERE epoch = " + epoch));
        if (reserved > known) {
            lost(connection, epoch, known + 1, reserved, CRASH);
        }
        return Math.max(known, reserved);
    }

    /** A column that a store of an earlier version lacks. */
    private static void add(Statement s, String table, String column, String type)
            throws SQLException {
        try (ResultSet known =
                s.executeQuery(
                        "SELECT 1 FROM pragma_table_info('"
                                + table
                                + "') WHERE name = '"
                                + column
                                + "'")) {
            if (known.next()) {
                return;
            }
        }
        s.execute("ALTER TABLE " + table + " ADD COLUMN " + column + " " + type);
    }

    /** Numbers from one to another, inclusive, that no event has. */
    static void lost(Connection connection, long epoch, long from, long to, String reason)
            throws SQLException {
        try (PreparedStatement loss =
                connection.prepareStatement(
                        "INSERT INTO losses (epoch, from_seq, to_seq, at, reason) VALUES (?, ?, ?, ?, ?)")) {
            loss.setLong(1, epoch);
            loss.setLong(2, from);
            loss.setLong(3, to);
            loss.setLong(4, System.currentTimeMillis());
            loss.setString(5, reason);
            loss.executeUpdate();
        }
    }

    static void reserve(Connection connection, long epoch, long upTo) throws SQLException {
        long ignored =
                Sql.update(
                        connection,
                        "UPDATE sequence SET reserved = ? WHERE epoch = ?",
                        upTo,
                        epoch);
    }

    /** Counts events whose numbers no event has. */
    static void dropped(Connection connection, long epoch, long events) throws SQLException {
        long ignored =
                Sql.update(
                        connection,
                        "INSERT INTO dropped VALUES (?, ?)"
                                + " ON CONFLICT (epoch) DO UPDATE SET events = events + excluded.events",
                        epoch,
                        events);
    }
}
