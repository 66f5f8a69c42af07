// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.cli;

import dev.chaperone.server.report.Printable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** A report as text for a terminal. */
final class ReportTable {
    private static final List<String> NUMBERS =
            List.of("events", "repeats", "found", "redacted", "stopped", "people");

    private ReportTable() {}

    static String of(JsonNode report) {
        List<String> keys = new ArrayList<>();
        report.get("by").forEach(k -> keys.add(k.asString()));
        List<List<String>> lines = new ArrayList<>();
        List<String> head = new ArrayList<>(keys);
        head.addAll(NUMBERS);
        lines.add(head);
        report.get("rows").forEach(row -> lines.add(line(keys, row)));
        if (!report.get("total").isNull()) {
            lines.add(line(keys, report.get("total")));
        }
        StringBuilder text = new StringBuilder();
        text.append(
                "%s, %.10s to %.10s%n"
                        .formatted(
                                report.get("report").asString(),
                                report.get("since").asString(),
                                report.get("until").asString()));
        layOut(lines, keys.size(), text);
        foot(report, text);
        return text.toString();
    }

    private static List<String> line(List<String> keys, JsonNode row) {
        List<String> line = new ArrayList<>();
        boolean total = !row.has(keys.getFirst());
        for (String key : keys) {
            line.add(
                    total
                            ? (line.isEmpty() ? "total" : "")
                            : Printable.of(row.get(key).asString()));
        }
        NUMBERS.forEach(n -> line.add(row.get(n).asString()));
        return line;
    }

    private static void layOut(List<List<String>> lines, int keys, StringBuilder text) {
        int columns = lines.getFirst().size();
        int[] width = new int[columns];
        for (List<String> line : lines) {
            for (int i = 0; i < columns; i++) {
                width[i] = Math.max(width[i], line.get(i).length());
            }
        }
        for (List<String> line : lines) {
            StringBuilder row = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                String cell = line.get(i);
                String space = " ".repeat(width[i] - cell.length());
                row.append(i < keys ? cell + space : space + cell).append("  ");
            }
            text.append(row.toString().stripTrailing()).append(System.lineSeparator());
        }
    }

    private static void foot(JsonNode report, StringBuilder text) {
        long suppressed = report.get("suppressedRows").asLong();
        long minimum = report.get("minimumPeople").asLong();
        if (suppressed > 0) {
            text.append(
                    "%d row%s left out: fewer than %d people, or needed to hide one that is%n"
                            .formatted(suppressed, suppressed == 1 ? "" : "s", minimum));
        }
        JsonNode c = report.get("completeness");
        long unseen = 0;
        for (JsonNode n : c.get("notInspected")) {
            unseen += n.asLong();
        }
        String percent =
                c.get("percent").isNull()
                        ? "unknown, no device is enrolled"
                        : "%.1f %%".formatted(c.get("percent").asDouble());
        text.append(
                String.format(
                        Locale.ROOT,
                        "completeness %s: %d of %d devices silent for over 24 h, %d events lost, %d"
                                + " exchanges not inspected%n",
                        percent,
                        c.get("devicesSilent").asLong(),
                        c.get("devices").asLong(),
                        c.get("lost").asLong(),
                        unseen));
    }
}
