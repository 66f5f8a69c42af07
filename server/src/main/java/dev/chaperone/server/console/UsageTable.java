// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.console;

import dev.chaperone.server.console.ConsoleView.Cell;
import dev.chaperone.server.console.ConsoleView.Column;
import dev.chaperone.server.console.ConsoleView.Table;
import dev.chaperone.server.report.Printable;
import dev.chaperone.server.report.Report;
import dev.chaperone.server.report.Row;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Reports as tables. The chart draws what stands in the table and knows nothing else. */
final class UsageTable {
    /** Rows that a bar chart shows; more are unreadable. */
    static final int BARS = 15;

    private static final Map<String, String> OUTCOMES =
            Map.of(
                    "SENT", "Sent as it was",
                    "SENT_WITH_REASON", "Sent as it was, with a reason",
                    "TIMED_OUT", "Sent as it was: nobody answered");

    /** A column of numbers. */
    private record Measure(String id, String label, boolean series, ToLongFunction<Row> value) {}

    private static final List<Measure> USAGE =
            List.of(
                    new Measure("events", "Requests", false, Row::events),
                    new Measure("people", "People", false, Row::people),
                    new Measure("found", "With findings", false, Row::found),
                    new Measure("unchanged", "Unchanged", true, UsageTable::unchanged),
                    new Measure("redacted", "Redacted", true, Row::redacted),
                    new Measure("stopped", "Stopped", true, Row::stopped),
                    new Measure("repeats", "Repeats", false, Row::repeats),
                    new Measure("bytes", "Size", false, Row::bytes));
    private static final List<Measure> LEAKS =
            List.of(
                    new Measure("events", "Requests", false, Row::events),
                    new Measure("people", "People", false, Row::people));

    private UsageTable() {}

    private static long unchanged(Row row) {
        return row.events() - row.redacted() - row.stopped();
    }

    static @Nullable Table usage(Report report, ConsoleQuery query) {
        if (report.rows().isEmpty() && report.suppressed() == 0) {
            return null;
        }
        boolean days = query.by().equals("day");
        String sort = query.sort().isEmpty() ? (days ? "key" : "events") : query.sort();
        boolean descending = query.sort().isEmpty() ? !days : query.descending();
        List<Column> columns = new ArrayList<>();
        columns.add(
                new Column(
                        "key",
                        ConsolePage.label(query.by()),
                        false,
                        false,
                        query.sortedBy("key", sort.equals("key") && !descending).href(),
                        direction(sort.equals("key"), descending)));
        for (Measure n : USAGE) {
            boolean current = sort.equals(n.id);
            columns.add(
                    new Column(
                            n.id,
                            n.label,
                            true,
                            n.series,
                            query.sortedBy(n.id, !current || !descending).href(),
                            direction(current, descending)));
        }
        List<Row> rows = report.rows().stream().sorted(order(sort, descending)).toList();
        Row total = report.total();
        return new Table(
                "usage",
                "Use of AI services by " + ConsolePage.label(query.by()).toLowerCase(Locale.ROOT),
                rows.isEmpty() ? "none" : days ? "line" : "bar",
                columns,
                rows.stream().map(r -> line(List.of(text(r.key().getFirst())), USAGE, r)).toList(),
                total == null ? List.of() : line(List.of(new Cell("All", "")), USAGE, total),
                notes(report, days ? Integer.MAX_VALUE : BARS),
                "/api/v1/reports/usage?by=" + query.by() + "&" + query.rest() + "&format=csv",
                "/api/v1/reports/usage?by=" + query.by() + "&" + query.rest(),
                "chaperone-usage-by-" + query.by());
    }

    static @Nullable Table leaks(Report report, ConsoleQuery query) {
        if (report.rows().isEmpty() && report.suppressed() == 0) {
            return null;
        }
        List<Column> columns = new ArrayList<>();
        columns.add(new Column("outcome", "What happened", false, false, "", "none"));
        columns.add(new Column("rule", "Rule", false, false, "", "none"));
        LEAKS.forEach(n -> columns.add(new Column(n.id, n.label, true, false, "", "none")));
        Row total = report.total();
        List<Cell> all = List.of(new Cell("All", ""), new Cell("", ""));
        return new Table(
                "leaks",
                "Requests that were sent as they were although something was found",
                "none",
                columns,
                report.rows().stream()
                        .map(r ->
                                line(
                                        List.of(outcome(r.key().get(0)), text(r.key().get(1))),
                                        LEAKS,
                                        r))
                        .toList(),
                total == null ? List.of() : line(all, LEAKS, total),
                notes(report, Integer.MAX_VALUE),
                "/api/v1/reports/leaks?" + query.rest() + "&format=csv",
                "/api/v1/reports/leaks?" + query.rest(),
                "chaperone-leaks");
    }

    private static String direction(boolean current, boolean descending) {
        return current ? (descending ? "descending" : "ascending") : "none";
    }

    private static Comparator<Row> order(String sort, boolean descending) {
        Comparator<Row> byKey =
                Comparator.comparing(r -> String.join(" ", r.key()), String.CASE_INSENSITIVE_ORDER);
        Comparator<Row> order =
                USAGE.stream()
                        .filter(n -> n.id.equals(sort))
                        .findFirst()
                        .map(n -> Comparator.comparingLong(n.value))
                        .orElse(byKey);
        return (descending ? order.reversed() : order).thenComparing(byKey);
    }

    private static List<Cell> line(List<Cell> keys, List<Measure> numbers, Row row) {
        List<Cell> line = new ArrayList<>(keys);
        for (Measure n : numbers) {
            long value = n.value.applyAsLong(row);
            line.add(
                    new Cell(
                            n.id.equals("bytes") ? size(value) : number(value),
                            Long.toString(value)));
        }
        return line;
    }

    private static Cell text(String name) {
        String inert = name.isBlank() ? "(none)" : Printable.of(name);
        return new Cell(inert, inert);
    }

    private static Cell outcome(String outcome) {
        return new Cell(OUTCOMES.getOrDefault(outcome, Printable.of(outcome)), outcome);
    }

    private static List<String> notes(Report report, int drawn) {
        List<String> notes = new ArrayList<>();
        int n = report.suppressed();
        if (n > 0) {
            notes.add(
                    "%d %s left out: fewer than %d people, or needed to hide one that is."
                            .formatted(n, n == 1 ? "row is" : "rows are", report.minimum()));
        }
        if (report.total() == null) {
            notes.add("The total is withheld too: it would tell what is left out.");
        }
        if (report.rows().size() > drawn) {
            notes.add("The chart shows the first " + drawn + " rows of the table.");
        }
        return notes;
    }

    static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** Decimal units, two digits or more. */
    private static String size(long bytes) {
        String[] units = {"B", "kB", "MB", "GB", "TB"};
        double value = bytes;
        int unit = 0;
        while (value >= 1000 && unit < units.length - 1) {
            value /= 1000;
            unit++;
        }
        return String.format(
                Locale.ROOT, unit > 0 && value < 10 ? "%.1f %s" : "%.0f %s", value, units[unit]);
    }
}
