// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.ingest;

import dev.chaperone.server.store.Sql;
import dev.chaperone.server.store.Storage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;

/**
 * Deletes what has been kept long enough: events, and who stands behind the roll-ups. The roll-ups
 * stay, with the number of people of each day and row.
 */
public final class Retention {
    /** Rows a transaction, so that batches of devices do not wait for it. */
    private static final int CHUNK = 2000;

    /** How long the lifecycle logs of devices are kept. */
    private static final Duration LIFECYCLE = Duration.ofDays(180);

    private final Storage storage;
    private final InstantSource clock;
    private final Duration keep;

    /**
     * @param keep whole days
     */
    public Retention(Storage storage, InstantSource clock, Duration keep) {
        this.storage = storage;
        this.clock = clock;
        this.keep = keep;
    }

    /** Deletes what is due; returns the number of events. */
    public long run() throws InterruptedException {
        long lifecycle = clock.instant().minus(LIFECYCLE).toEpochMilli();
        int ignored =
                storage.write(c ->
                        Sql.update(c, "delete from lifecycle where received < ?", lifecycle)
                                + Sql.update(
                                        c,
                                        "delete from lifecycle_finding where found < ?",
                                        lifecycle));
        Instant limit = clock.instant().minus(keep);
        forgetPeople(limit.atZone(ZoneOffset.UTC).toLocalDate().toEpochDay());
        long deleted = 0;
        int now;
        do {
            now =
                    storage.write(c ->
                            Sql.update(
                                    c,
                                    "delete from event where rowid in (select rowid from event"
                                            + " where time < ? limit ?)",
                                    limit.toEpochMilli(),
                                    CHUNK));
            deleted += now;
        } while (now == CHUNK);
        return deleted;
    }

    /** Days before this one, each in a transaction of its own. */
    private void forgetPeople(long firstKept) throws InterruptedException {
        List<Long> days =
                storage.read(c ->
                        Sql.list(
                                c,
                                "select distinct day from usage_person where day < ? order by day",
                                r -> r.getLong(1),
                                firstKept));
        for (long day : days) {
            storage.write(c -> {
                Sql.update(
                        c,
                        "update usage_day set people = max(people, (select count(*) from"
                                + " usage_person p where p.day = usage_day.day and p.dimension ="
                                + " usage_day.dimension and p.value = usage_day.value))"
                                + " where day = ?",
                        day);
                return Sql.update(c, "delete from usage_person where day = ?", day);
            });
        }
    }
}
