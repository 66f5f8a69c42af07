// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.people;

import java.util.List;

/**
 * A table found in a text.
 *
 * @param rows every row, the header too; rows may be ragged
 * @param columns how many cells most rows have
 */
record Table(List<List<Cell>> rows, int columns) {
    Table {
        rows = List.copyOf(rows);
    }

    /** A cell without its quotes and blanks; {@code end == start} when it is empty. */
    record Cell(String text, int start, int end) {
        @Override
        public String toString() {
            return "Cell[" + start + ", " + end + ")";
        }
    }

    /** The cells of one column of the rows from {@code first} on that are not empty. */
    List<Cell> column(int index, int first) {
        return rows.subList(first, rows.size()).stream()
                .filter(row -> row.size() > index && row.get(index).end() > row.get(index).start())
                .map(row -> row.get(index))
                .toList();
    }

    @Override
    public String toString() {
        return "Table[" + rows.size() + " rows, " + columns + " columns]";
    }
}
