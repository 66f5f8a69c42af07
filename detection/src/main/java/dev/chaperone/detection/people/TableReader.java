// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.people;

import dev.chaperone.detection.people.Table.Cell;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Finds tables in a text: CSV (RFC 4180, with semicolons too), tab-separated pastes from
 * spreadsheets, Markdown and ASCII pipes. Quoted cells may hold separators and line ends. Reads
 * each line a bounded number of times.
 */
final class TableReader {
    static final int LEAST_ROWS = 10;

    /** A longer table is read in pieces, which bounds the memory. */
    private static final int MOST_ROWS = 5_000;

    private static final int LONGEST_QUOTED = 2000;
    private static final String SEPARATORS = "\t;|,";

    private final String text;
    private int next;

    private TableReader(String text) {
        this.text = text;
    }

    /** Gives every table of at least ten rows and two columns to {@code tables}, one at a time. */
    static void read(String text, Consumer<Table> tables) {
        if (lines(text) < LEAST_ROWS) {
            return;
        }
        TableReader reader = new TableReader(text);
        int at = 0;
        while (at < text.length()) {
            Table table = reader.tableAt(at);
            if (table != null && table.rows().size() >= LEAST_ROWS) {
                tables.accept(table);
                at = reader.next;
            } else {
                at = lineEnd(text, at) + 1;
            }
        }
    }

    private static int lines(String text) {
        int count = 1;
        for (int i = text.indexOf('\n');
                i >= 0 && count < LEAST_ROWS;
                i = text.indexOf('\n', i + 1)) {
            count++;
        }
        return count;
    }

    private static int lineEnd(String text, int from) {
        int end = text.indexOf('\n', from);
        return end < 0 ? text.length() : end;
    }

    private @org.jspecify.annotations.Nullable Table tableAt(int start) {
        for (int s = 0; s < SEPARATORS.length(); s++) {
            char separator = SEPARATORS.charAt(s);
            if (startsTable(start, separator)) {
                return rows(start, separator);
            }
        }
        return null;
    }

    /** Whether three rows from here on have about as many cells. */
    private boolean startsTable(int start, char separator) {
        int here = text.indexOf(separator, start, lineEnd(text, start));
        int at = start;
        int least = Integer.MAX_VALUE;
        int most = 0;
        for (int i = 0; i < 3; i++) {
            if (here < 0 || at >= text.length()) {
                return false;
            }
            int count = row(at, separator).size();
            least = Math.min(least, count);
            most = Math.max(most, count);
            at = next;
        }
        return least >= 2 && most - least <= Math.max(1, most / 3);
    }

    private Table rows(int start, char separator) {
        List<List<Cell>> rows = new ArrayList<>();
        int columns = 0;
        int at = start;
        next = start;
        while (at < text.length() && rows.size() < MOST_ROWS) {
            List<Cell> row = row(at, separator);
            if (row.size() < 2 || (columns > 2 && row.size() < Math.max(2, columns / 2))) {
                break;
            }
            if (!ruler(row)) {
                rows.add(row);
                columns = Math.max(columns, row.size());
            }
            at = next;
        }
        next = Math.max(at, lineEnd(text, start) + 1);
        return new Table(rows, columns);
    }

    /** Reads one row and leaves {@code next} at the start of the following one. */
    private List<Cell> row(int start, char separator) {
        List<Cell> cells = new ArrayList<>();
        int at = start;
        boolean more = true;
        while (more) {
            int end = cellEnd(at, separator);
            cells.add(cell(at, end));
            more = end < text.length() && text.charAt(end) == separator;
            at = end + 1;
        }
        next = at;
        if (separator == '|' && !cells.isEmpty() && cells.getFirst().text().isEmpty()) {
            cells.removeFirst(); // the border of a Markdown table
            if (!cells.isEmpty() && cells.getLast().text().isEmpty()) {
                cells.removeLast();
            }
        }
        return cells;
    }

    private int cellEnd(int start, char separator) {
        int i = start;
        while (i < text.length() && text.charAt(i) == ' ') {
            i++;
        }
        if (i < text.length() && text.charAt(i) == '"') {
            int close = closingQuote(i + 1);
            i = close < 0 ? i : close + 1;
        }
        while (i < text.length() && text.charAt(i) != separator && text.charAt(i) != '\n') {
            i++;
        }
        return i;
    }

    /** The quote that ends a quoted cell, or -1 when the quote is only a character. */
    private int closingQuote(int from) {
        int limit = Math.min(text.length(), from + LONGEST_QUOTED);
        for (int i = from; i < limit; i++) {
            if (text.charAt(i) == '"') {
                if (i + 1 < limit && text.charAt(i + 1) == '"') {
                    i++;
                } else {
                    return i;
                }
            }
        }
        return -1;
    }

    private Cell cell(int start, int end) {
        int from = start;
        int to = end;
        while (from < to && trimmed(text.charAt(from))) {
            from++;
        }
        while (to > from && trimmed(text.charAt(to - 1))) {
            to--;
        }
        return new Cell(text.substring(from, to), from, to);
    }

    private static boolean trimmed(char c) {
        return c <= ' ' || c == '"' || c == '*' || c == '`';
    }

    /** The line of dashes under a header. */
    private static boolean ruler(List<Cell> row) {
        return row.stream()
                .allMatch(c ->
                        c.text()
                                .chars()
                                .allMatch(x -> x == '-' || x == ':' || x == '=' || x == '+'));
    }
}
