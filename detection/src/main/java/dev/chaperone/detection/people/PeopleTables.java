// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.people;

import dev.chaperone.detection.people.Table.Cell;
import dev.chaperone.detection.text.ScanText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds tables of people and reports every cell of their personal columns: names, addresses,
 * telephone numbers, birth dates and the like, one finding a cell. A table of products, a log or
 * code has no column of names beside a second personal column, and stays silent.
 */
public final class PeopleTables {
    /** The detector's name in findings; policies ask for it as {@code PEOPLE_TABLE}. */
    public static final String DETECTOR = "people-table";

    /** Above the detectors of single values, so that a table's cells all say where they stand. */
    public static final double CONFIDENCE = 0.995;

    private static final double MOST = 0.6;

    /** How many cells say what a column holds. */
    private static final int SAMPLE = 200;

    private PeopleTables() {}

    /** Takes the finding type and the range of a cell in the scanned text. */
    @FunctionalInterface
    public interface CellSink {
        void cell(String type, int start, int end);
    }

    /** Reports the personal cells of every table of people in a text. */
    public static void scan(ScanText text, CellSink sink) {
        TableReader.read(text.value(), table -> report(table, sink));
    }

    private static void report(Table table, CellSink sink) {
        int first = hasHeader(table) ? 1 : 0;
        if (table.rows().size() - first < TableReader.LEAST_ROWS) {
            return;
        }
        personalColumns(table, first)
                .forEach((index, column) -> {
                    for (Cell cell : table.column(index, first)) {
                        sink.cell(column.type(), cell.start(), cell.end());
                    }
                });
    }

    /** Whether the first row names the columns rather than being one of the people. */
    private static boolean hasHeader(Table table) {
        List<Cell> first = table.rows().getFirst();
        boolean plain =
                first.stream()
                        .allMatch(c ->
                                c.text().length() <= 40
                                        && c.text().indexOf('@') < 0
                                        && c.text().chars().filter(Character::isDigit).count()
                                                <= 2);
        return plain
                && first.stream().anyMatch(c -> !c.text().isEmpty())
                && (named(first) || GivenNames.share(first) == 0);
    }

    private static boolean named(List<Cell> header) {
        return header.stream()
                .anyMatch(
                        c -> List.of(Column.values()).stream().anyMatch(k -> k.namedBy(c.text())));
    }

    /** The personal columns of a table of people, by index; empty for another table. */
    static Map<Integer, Column> personalColumns(Table table, int first) {
        Map<Integer, Column> personal = new LinkedHashMap<>();
        double names = 0;
        List<Column> kinds = new ArrayList<>();
        for (int i = 0; i < table.columns(); i++) {
            List<Cell> cells = table.column(i, first);
            if (cells.size() * 4 < table.rows().size() - first) {
                continue;
            }
            String header =
                    first == 1 && table.rows().getFirst().size() > i
                            ? table.rows().getFirst().get(i).text()
                            : "";
            Column column = kind(header, cells.subList(0, Math.min(SAMPLE, cells.size())));
            if (column != null) {
                personal.put(i, column);
                kinds.add(column);
                names =
                        column == Column.PERSON
                                ? Math.max(
                                        names,
                                        GivenNames.share(
                                                cells.subList(0, Math.min(SAMPLE, cells.size()))))
                                : names;
            }
        }
        return ofPeople(kinds, names) ? personal : Map.of();
    }

    private static @org.jspecify.annotations.Nullable Column kind(String header, List<Cell> cells) {
        for (Column column : Column.values()) {
            if (column.namedBy(header) && column.share(cells) >= MOST) {
                return column;
            }
        }
        if (Column.EMAIL.share(cells) >= MOST) {
            return Column.EMAIL;
        }
        if (Column.PHONE.share(cells) >= 0.8) {
            return Column.PHONE;
        }
        if (Column.PERSON.share(cells) >= MOST && GivenNames.share(cells) >= 0.3) {
            return Column.PERSON;
        }
        return Column.IBAN.share(cells) >= 0.8 ? Column.IBAN : null;
    }

    /**
     * Names beside another column that identifies people, two columns of names, names most of which
     * are known, or two ways to reach somebody.
     */
    private static boolean ofPeople(List<Column> kinds, double names) {
        long persons = kinds.stream().filter(k -> k == Column.PERSON).count();
        long others =
                kinds.stream().filter(k -> k != Column.PERSON && k.identifies()).distinct().count();
        boolean addressed = kinds.contains(Column.ADDRESS);
        if (persons > 0) {
            return others > 0 || names >= 0.3 || (addressed && names >= 0.1);
        }
        return others >= 2 || (others == 1 && addressed);
    }
}
