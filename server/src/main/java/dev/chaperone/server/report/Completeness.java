// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.report;

import dev.chaperone.server.enrol.Device;
import dev.chaperone.server.enrol.Devices;
import dev.chaperone.server.store.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How much of what happened a report can know, with the parts it is made of: time in which devices
 * were silent for more than a day, numbers that were lost, exchanges that were seen but not
 * inspected.
 *
 * @param percent product of the three shares, 0 to 100 with one decimal, rounded down; null while
 *     no device is enrolled
 * @param devices enrolled and not revoked
 * @param devicesSilent silent for more than 24 h within the period
 * @param silentHours of all devices together
 * @param deviceHours of all devices together, from enrolment or the period's start
 * @param stored events stored for the period
 * @param lost numbers lost that were reported in the period
 * @param notInspected reason → exchanges on opened hosts
 */
public record Completeness(
        @Nullable Double percent,
        int devices,
        int devicesSilent,
        long silentHours,
        long deviceHours,
        long stored,
        long lost,
        Map<String, Long> notInspected) {
    public Completeness {
        notInspected = Map.copyOf(notInspected);
    }

    static Completeness of(Connection c, Period period) throws SQLException {
        Silence silence = silence(c, period);
        long stored =
                Sql.number(
                        c,
                        "select sum(events) from usage_day where dimension = 'stored'"
                                + " and day between ? and ?",
                        period.firstDay(),
                        period.lastDay());
        long lost =
                Sql.number(
                        c,
                        "select sum(last - first + 1) from loss where received between ? and ?",
                        period.since().toEpochMilli(),
                        period.until().toEpochMilli());
        Map<String, Long> unseen = new TreeMap<>();
        Sql.list(
                        c,
                        "select reason, sum(n) from unseen_day where day between ? and ?"
                                + " group by reason",
                        r -> Map.entry(r.getString(1), r.getLong(2)),
                        period.firstDay(),
                        period.lastDay())
                .forEach(e -> unseen.put(e.getKey(), e.getValue()));
        long notInspected = unseen.values().stream().mapToLong(Long::longValue).sum();
        double known =
                (1 - share(silence.silentMillis, silence.deviceMillis))
                        * (1 - share(lost, lost + stored))
                        * (1 - share(notInspected, notInspected + stored));
        return new Completeness(
                silence.devices == 0 ? null : Math.floor(known * 1000) / 10,
                silence.devices,
                silence.silentDevices,
                Duration.ofMillis(silence.silentMillis).toHours(),
                Duration.ofMillis(silence.deviceMillis).toHours(),
                stored,
                lost,
                unseen);
    }

    private static double share(long part, long whole) {
        return whole <= 0 ? 0 : (double) part / whole;
    }

    private static final class Silence {
        int devices;
        int silentDevices;
        long silentMillis;
        long deviceMillis;
    }

    private static Silence silence(Connection c, Period period) throws SQLException {
        Map<Long, Long> past = new HashMap<>();
        long from = period.since().toEpochMilli();
        long to = period.until().toEpochMilli();
        Sql.list(
                        c,
                        "select device, since, until from silence where until > ? and since < ?",
                        r -> List.of(r.getLong(1), r.getLong(2), r.getLong(3)),
                        from,
                        to)
                .forEach(s ->
                        past.merge(
                                s.get(0),
                                Math.min(s.get(2), to) - Math.max(s.get(1), from),
                                Long::sum));
        Silence sum = new Silence();
        for (Device d : Devices.all(c)) {
            if (d.revoked() || d.enrolled().isAfter(period.until())) {
                continue;
            }
            long silent = past.getOrDefault(d.n(), 0L) + silentNow(d, period);
            sum.devices++;
            sum.silentDevices += silent > 0 ? 1 : 0;
            sum.silentMillis += silent;
            sum.deviceMillis +=
                    Duration.between(later(d.enrolled(), period.since()), period.until())
                            .toMillis();
        }
        return sum;
    }

    private static long silentNow(Device d, Period period) {
        boolean silent = d.contact().plus(Devices.SILENT_AFTER).isBefore(period.until());
        return silent
                ? Duration.between(later(d.contact(), period.since()), period.until()).toMillis()
                : 0;
    }

    private static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }
}
