// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.store;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The sequence numbers of a store's events: reserved in durable blocks, each spoken for once, by an
 * event or by a loss. On the writer's thread, within its transaction, but for {@link #accept} and
 * {@link #owe}, which any thread may call.
 */
final class EventNumbers {
    private static final int BLOCK = 512;

    private final Connection connection;
    private final long epoch;
    private final AcceptedEvents accepted;

    /** Events that were not stored and whose numbers are still to be given up. */
    private final AtomicLong owed = new AtomicLong();

    private long last;
    private long reserved;
    // What holds again when the transaction is rolled back:
    private long lastBefore;
    private long reservedBefore;
    private long givenUp;

    private EventNumbers(Connection connection, long epoch, AcceptedEvents accepted)
            throws SQLException {
        this.connection = connection;
        this.epoch = epoch;
        this.accepted = accepted;
        this.reserved = EventSchema.recover(connection, epoch, accepted.last(epoch));
        this.last = reserved;
        this.lastBefore = last;
        this.reservedBefore = reserved;
        accepted.start(epoch, reserved);
    }

    /** Goes on where the last run ended; what a crash cost becomes a loss record. */
    static EventNumbers open(Connection connection, Path dataDir) throws SQLException, IOException {
        return new EventNumbers(
                connection, EventSchema.epoch(connection), AcceptedEvents.open(dataDir));
    }

    long epoch() {
        return epoch;
    }

    /** One more event is to get a number. */
    void accept() {
        accepted.accept();
    }

    /** An event that was accepted will not be stored. */
    void owe() {
        owed.incrementAndGet();
    }

    /** Whether numbers are still to be given up. */
    boolean owes() {
        return owed.get() > 0;
    }

    /** A transaction has begun: numbers of events that were not stored become losses in it. */
    void begun() throws SQLException {
        lastBefore = last;
        reservedBefore = reserved;
        givenUp = owed.getAndSet(0);
        if (givenUp > 0) {
            for (long i = 0; i < givenUp; i++) {
                long ignored = next();
            }
            EventSchema.lost(connection, epoch, lastBefore + 1, last, EventSchema.OVERFLOW);
        }
    }

    /** The next number. */
    long next() throws SQLException {
        last++;
        if (last > reserved) {
            reserved = last + BLOCK;
            EventSchema.reserve(connection, epoch, reserved);
        }
        return last;
    }

    /** The transaction is in. */
    void committed() {
        givenUp = 0;
        lastBefore = last;
        reservedBefore = reserved;
    }

    /**
     * Nothing of the transaction is stored: its numbers are free again, or there would be a gap.
     */
    void rolledBack() {
        last = lastBefore;
        reserved = reservedBefore;
        owed.addAndGet(givenUp);
        givenUp = 0;
    }

    /** A clean end gives back what is left of the block. */
    void finish() throws SQLException {
        EventSchema.reserve(connection, epoch, last);
    }
}
