// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A report, ready to be written.
 *
 * @param name {@code usage} or {@code leaks}
 * @param keys names of the key columns
 * @param period what it covers
 * @param minimum people a row must stand for
 * @param rows shown
 * @param suppressed rows left out
 * @param total of all rows, shown or not; null when it would give a left-out row away
 * @param completeness how much of what happened it can know
 */
public record Report(
        String name,
        List<String> keys,
        Period period,
        int minimum,
        List<Row> rows,
        int suppressed,
        @Nullable Row total,
        Completeness completeness) {
    static final List<String> NUMBERS =
            List.of("events", "repeats", "found", "redacted", "stopped", "bytes", "people");

    public Report {
        keys = List.copyOf(keys);
        rows = List.copyOf(rows);
    }

    /** The form of REST. */
    Map<String, @Nullable Object> json() {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("report", name);
        json.put("by", keys);
        json.put("since", period.since());
        json.put("until", period.until());
        json.put("rows", rows.stream().map(r -> row(keys, r)).toList());
        json.put("total", total == null ? null : row(List.of(), total));
        json.put("suppressedRows", suppressed);
        json.put("minimumPeople", minimum);
        json.put("completeness", completeness);
        return json;
    }

    private static Map<String, Object> row(List<String> keys, Row row) {
        Map<String, Object> json = new LinkedHashMap<>();
        for (int i = 0; i < keys.size(); i++) {
            json.put(keys.get(i), row.key().get(i));
        }
        List<Long> numbers = numbers(row);
        for (int i = 0; i < numbers.size(); i++) {
            json.put(NUMBERS.get(i), numbers.get(i));
        }
        return json;
    }

    /** In the order of {@link #NUMBERS}. */
    static List<Long> numbers(Row r) {
        return List.of(
                r.events(),
                r.repeats(),
                r.found(),
                r.redacted(),
                r.stopped(),
                r.bytes(),
                r.people());
    }

    /** RFC 4180, rows only; no cell is read as a formula by a spreadsheet. */
    String csv() {
        StringBuilder csv = new StringBuilder();
        line(csv, keys, NUMBERS);
        for (Row row : rows) {
            line(csv, row.key(), numbers(row).stream().map(String::valueOf).toList());
        }
        return csv.toString();
    }

    private static void line(StringBuilder csv, List<String> keys, List<String> numbers) {
        String separator = "";
        for (List<String> cells : List.of(keys, numbers)) {
            for (String cell : cells) {
                csv.append(separator).append(cell(cell));
                separator = ",";
            }
        }
        csv.append("\r\n");
    }

    /** OWASP, "CSV injection": what a spreadsheet would take for a formula is made text. */
    static String cell(String text) {
        String inert = text;
        if (!text.isEmpty() && "=+-@\t\r\n".indexOf(text.charAt(0)) >= 0) {
            inert = "'" + text;
        }
        boolean quoted =
                inert.chars().anyMatch(c -> c == '"' || c == ',' || c == '\r' || c == '\n');
        return quoted ? '"' + inert.replace("\"", "\"\"") + '"' : inert;
    }
}
