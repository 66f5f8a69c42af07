// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.console;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the template shows: text that is ready, and no decisions. All of it is plain text; the
 * template escapes it.
 *
 * @param title of the browser's window
 * @param covers the period in words
 * @param periods to choose from
 * @param breakdowns to choose from
 * @param from as typed
 * @param to as typed
 * @param by chosen breakdown
 * @param today last day that can be chosen
 * @param error what is wrong with the days; null when nothing is
 * @param empty what to do when there is nothing yet; null when there is something
 * @param figures headline figures; empty with an error
 * @param completeness null with an error
 * @param usage null when there are no rows
 * @param leaks null when there are no rows
 */
public record ConsoleView(
        String title,
        String covers,
        List<Choice> periods,
        List<Choice> breakdowns,
        String from,
        String to,
        String by,
        String today,
        @Nullable String error,
        @Nullable Empty empty,
        List<Figure> figures,
        @Nullable Share completeness,
        @Nullable Table usage,
        @Nullable Table leaks) {
    public ConsoleView {
        periods = List.copyOf(periods);
        breakdowns = List.copyOf(breakdowns);
        figures = List.copyOf(figures);
    }

    /**
     * One of several.
     *
     * @param id of the element, so that the keyboard's place survives an update
     */
    public record Choice(String id, String label, String href, boolean current) {}

    /**
     * A headline figure.
     *
     * @param id {@code events} …
     * @param value exact number, or words when it is withheld
     * @param note what it counts
     */
    public record Figure(String id, String label, String value, String note) {}

    /**
     * How complete the report is.
     *
     * @param value percent, or words
     * @param reasons the three
     */
    public record Share(String value, List<String> reasons) {
        public Share {
            reasons = List.copyOf(reasons);
        }
    }

    /**
     * Nothing yet.
     *
     * @param head one sentence
     * @param steps what to do next
     */
    public record Empty(String head, List<Step> steps) {
        public Empty {
            steps = List.copyOf(steps);
        }
    }

    /**
     * Something to do.
     *
     * @param command to type; empty for none
     */
    public record Step(String text, String command) {}

    /**
     * A table, and the chart beside it.
     *
     * @param id of the element
     * @param caption what it holds
     * @param chart {@code bar}, {@code line} or {@code none}
     * @param columns from left to right
     * @param rows each as long as {@code columns}
     * @param total as long as {@code columns}; empty when it is withheld
     * @param notes what is left out, in words
     * @param csv address of the same numbers
     * @param json address of the same numbers
     * @param file name of the download, without its ending
     */
    public record Table(
            String id,
            String caption,
            String chart,
            List<Column> columns,
            List<List<Cell>> rows,
            List<Cell> total,
            List<String> notes,
            String csv,
            String json,
            String file) {
        public Table {
            columns = List.copyOf(columns);
            rows = List.copyOf(rows);
            total = List.copyOf(total);
            notes = List.copyOf(notes);
        }
    }

    /**
     * A column.
     *
     * @param series whether the chart draws it
     * @param number whether it holds numbers
     * @param href sorts by it; empty when the table cannot be sorted
     * @param sorted {@code ascending}, {@code descending} or {@code none} (WAI-ARIA 1.2 §6.7)
     */
    public record Column(
            String id, String label, boolean number, boolean series, String href, String sorted) {}

    /**
     * A cell.
     *
     * @param text for people
     * @param value for machines: digits of a number, else the text
     */
    public record Cell(String text, String value) {}
}
