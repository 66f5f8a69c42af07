// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.report;

import dev.chaperone.server.ingest.RollUp;
import dev.chaperone.server.store.Sql;
import dev.chaperone.server.store.Storage;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Reads reports out of the roll-ups. */
public final class Reports {
    /** What usage can be split by. */
    public static final List<String> DIMENSIONS =
            List.of("service", "application", "group", "intent", "data-type", "action", "day");

    private static final Pattern PARTS = Pattern.compile(Pattern.quote(RollUp.PARTS + ""));

    private static final String ROWS =
            "select value, sum(events), sum(repeats), sum(found), sum(redacted), sum(stopped),"
                    + " sum(bytes), max(people) from usage_day where dimension = ?"
                    + " and day between ? and ? group by value order by ";
    private static final String PEOPLE =
            "select value, count(distinct person) from usage_person where dimension = ?"
                    + " and day between ? and ? group by value";

    private final Storage storage;
    private final int minimum;

    /**
     * @param minimum people a row must stand for
     */
    public Reports(Storage storage, int minimum) {
        this.storage = storage;
        this.minimum = minimum;
    }

    /**
     * Who uses which service for what.
     *
     * @param by one of {@link #DIMENSIONS}
     */
    public Report usage(String by, Period period) throws InterruptedException {
        return storage.read(c -> report(c, "usage", List.of(by), by, "total", period));
    }

    /** What left despite a finding, by outcome and rule. */
    public Report leaks(Period period) throws InterruptedException {
        return storage.read(
                c -> report(c, "leaks", List.of("outcome", "rule"), "leak", "leak-total", period));
    }

    private Report report(
            Connection c, String name, List<String> keys, String dimension, String total, Period p)
            throws SQLException {
        List<Row> rows = rows(c, dimension, p);
        Suppression cut;
        try {
            cut = Suppression.apply(rows, minimum, hidden -> union(c, dimension, hidden, p));
        } catch (UncheckedSql e) {
            throw e.failed;
        }
        List<Row> sum = cut.totalShown() ? rows(c, total, p) : List.of();
        return new Report(
                name,
                keys,
                p,
                minimum,
                cut.shown(),
                cut.suppressed(),
                sum.isEmpty() ? null : sum.getFirst(),
                Completeness.of(c, p));
    }

    private static List<Row> rows(Connection c, String dimension, Period p) throws SQLException {
        Map<String, Long> people = new HashMap<>();
        Sql.list(
                        c,
                        PEOPLE,
                        r -> Map.entry(r.getString(1), r.getLong(2)),
                        dimension,
                        p.firstDay(),
                        p.lastDay())
                .forEach(e -> people.put(e.getKey(), e.getValue()));
        return Sql.list(
                c,
                ROWS + (dimension.equals("day") ? "value" : "sum(events) desc, value"),
                r ->
                        new Row(
                                Arrays.asList(PARTS.split(r.getString(1), -1)),
                                r.getLong(2),
                                r.getLong(3),
                                r.getLong(4),
                                r.getLong(5),
                                r.getLong(6),
                                r.getLong(7),
                                Math.max(r.getLong(8), people.getOrDefault(r.getString(1), 0L))),
                dimension,
                p.firstDay(),
                p.lastDay());
    }

    private static final class UncheckedSql extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final SQLException failed;

        UncheckedSql(SQLException failed) {
            super(null, null, false, false);
            this.failed = failed;
        }
    }

    /** At least the largest of them, where retention has forgotten who they were. */
    private static long union(Connection c, String dimension, List<Row> rows, Period p) {
        List<Object> parameters = new ArrayList<>(List.of(dimension, p.firstDay(), p.lastDay()));
        rows.forEach(r -> parameters.add(String.join(RollUp.PARTS + "", r.key())));
        try {
            long distinct =
                    Sql.number(
                            c,
                            "select count(distinct person) from usage_person where dimension = ?"
                                    + " and day between ? and ? and value in ("
                                    + "?,".repeat(rows.size() - 1)
                                    + "?)",
                            parameters.toArray());
            return Math.max(distinct, rows.stream().mapToLong(Row::people).max().orElse(0));
        } catch (SQLException e) {
            throw new UncheckedSql(e);
        }
    }
}
