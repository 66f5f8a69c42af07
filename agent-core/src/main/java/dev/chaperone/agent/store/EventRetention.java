// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;

/**
 * Keeps the store within its bounds: events end after {@link #KEEP}, and of those that wait for the
 * server the least valuable go first when there are too many (DESIGN §4.6). A number that goes
 * before it was delivered is counted, and travels as a loss. On the writer's thread, within its
 * transaction.
 */
final class EventRetention {
    static final Duration KEEP = Duration.ofDays(90);

    /** Rows a look, so that nobody waits long for the writer. */
    private static final long PART = 4000;

    private final long mostWaiting;

    /**
     * @param mostWaiting events that may wait for the server; positive
     */
    EventRetention(long mostWaiting) {
        this.mostWaiting = mostWaiting;
    }

    /** Deletes what is due, a part at a time; returns how many undelivered events went. */
    long run(Connection connection, long epoch, Instant now) throws SQLException {
        long delivered =
                Sql.number(
                        connection,
                        "SELECT COALESCE(MAX(seq), 0) FROM delivered WHERE epoch = ?",
                        epoch);
        long newest =
                Sql.number(
                        connection,
                        "SELECT COALESCE(MAX(seq), 0) FROM events WHERE epoch = ?",
                        epoch);
        long limit = now.minus(KEEP).toEpochMilli();
        long ended = old(connection, epoch, limit, delivered, true);
        long ignored = old(connection, epoch, limit, delivered, false);
        long gone = ended + dropLeastValuable(connection, epoch, newest, delivered);
        // Without a server nothing waits, and nothing that ends in its time is a loss.
        if (gone > 0 && Sql.number(connection, "SELECT COUNT(*) FROM delivered") > 0) {
            EventSchema.dropped(connection, epoch, gone);
        }
        Sql.update(
                connection,
                "DELETE FROM delivered_repeats WHERE id NOT IN (SELECT id FROM events WHERE repeats > 0)");
        return gone;
    }

    private static long old(
            Connection connection, long epoch, long limit, long delivered, boolean waiting)
            throws SQLException {
        // The numbering goes on from what there was.
        Sql.update(
                connection,
                "INSERT INTO ended SELECT epoch, MAX(seq) FROM events WHERE at < ? AND epoch = ? GROUP BY epoch"
                        + " ON CONFLICT (epoch) DO UPDATE SET seq = MAX(seq, excluded.seq)",
                limit,
                epoch);
        return Sql.update(
                connection,
                "DELETE FROM events WHERE (epoch, seq) IN (SELECT epoch, seq FROM events WHERE at < ?"
                        + " AND (epoch = ? AND seq > ?) = ? LIMIT ?)",
                limit,
                epoch,
                delivered,
                waiting ? 1 : 0,
                PART);
    }

    private long dropLeastValuable(Connection connection, long epoch, long newest, long delivered)
            throws SQLException {
        if (newest - delivered <= mostWaiting) {
            return 0; // there are never more events than numbers
        }
        long waiting =
                Sql.number(
                        connection,
                        "SELECT COUNT(*) FROM events WHERE epoch = ? AND seq > ?",
                        epoch,
                        delivered);
        if (waiting <= mostWaiting) {
            return 0;
        }
        return Sql.update(
                connection,
                "DELETE FROM events WHERE epoch = ? AND seq IN (SELECT seq FROM events WHERE epoch = ?"
                        + " AND seq > ? AND seq < ? ORDER BY CASE action WHEN 'allow' THEN 0 WHEN 'warn' THEN 1"
                        + " WHEN 'redact' THEN 2 WHEN 'coach' THEN 3 ELSE 4 END, seq LIMIT ?)",
                epoch,
                epoch,
                delivered,
                newest,
                Math.min(waiting - mostWaiting + mostWaiting / 10, PART));
    }
}
