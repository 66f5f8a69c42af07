// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;

/**
 * Keeps the store within its bounds: events end after {@link #KEEP}, and of those that wait for the
 * server the least valuable go first when there are too many (DESIGN §4.6). A number that goes
 * before it was delivered is counted, and travels as a loss. The newest event stays: the numbering
 * goes on from it. On the writer's thread, within its transaction.
 */
final class EventRetention {
    static final Duration KEEP = Duration.ofDays(90);

    private final long mostWaiting;

    /**
     * @param mostWaiting events that may wait for the server; positive
     */
    EventRetention(long mostWaiting) {
        this.mostWaiting = mostWaiting;
    }

    /** Deletes what is due; returns how many undelivered events went. */
    long run(Connection connection, long epoch, Instant now) throws SQLException {
        long delivered =
                number(
                        connection,
                        "SELECT COALESCE(MAX(seq), 0) FROM delivered WHERE epoch = ?",
                        epoch);
        long newest =
                number(
                        connection,
                        "SELECT COALESCE(MAX(seq), 0) FROM events WHERE epoch = ?",
                        epoch);
        long limit = now.minus(KEEP).toEpochMilli();
        long before = waiting(connection, epoch, delivered);
        update(
                connection,
                "DELETE FROM events WHERE at < ? AND NOT (epoch = ? AND seq = ?)",
                limit,
                epoch,
                newest);
        long left = waiting(connection, epoch, delivered);
        if (left > mostWaiting) {
            update(
                    connection,
                    "DELETE FROM events WHERE epoch = ? AND seq IN (SELECT seq FROM events WHERE epoch = ?"
                            + " AND seq > ? AND seq < ? ORDER BY CASE action WHEN 'allow' THEN 0 WHEN 'warn' THEN 1"
                            + " WHEN 'redact' THEN 2 WHEN 'coach' THEN 3 ELSE 4 END, seq LIMIT ?)",
                    epoch,
                    epoch,
                    delivered,
                    newest,
                    left - mostWaiting + mostWaiting / 10);
        }
        long gone = before - waiting(connection, epoch, delivered);
        if (gone > 0) {
            EventSchema.dropped(connection, epoch, gone);
        }
        update(
                connection,
                "DELETE FROM delivered_repeats WHERE id NOT IN (SELECT id FROM events WHERE repeats > 0)");
        return gone;
    }

    private static long waiting(Connection connection, long epoch, long delivered)
            throws SQLException {
        return number(
                connection,
                "SELECT COUNT(*) FROM events WHERE epoch = ? AND seq > ?",
                epoch,
                delivered);
    }

    private static void update(Connection connection, String sql, long... values)
            throws SQLException {
        try (PreparedStatement s = connection.prepareStatement(sql)) {
            bind(s, values);
            s.executeUpdate();
        }
    }

    private static long number(Connection connection, String sql, long... values)
            throws SQLException {
        try (PreparedStatement s = connection.prepareStatement(sql)) {
            bind(s, values);
            try (ResultSet row = s.executeQuery()) {
                return row.next() ? row.getLong(1) : 0;
            }
        }
    }

    private static void bind(PreparedStatement s, long... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            s.setLong(i + 1, values[i]);
        }
    }
}
