// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Leaves out rows that stand for too few people (DESIGN §2 rule 10), and what would give them away:
 * the total less the rows that are shown must stand for at least two rows and for enough people, or
 * the next smallest rows go too, or the total does.
 *
 * @param shown in the order given
 * @param suppressed how many rows are left out
 * @param totalShown whether the total may be told
 */
record Suppression(List<Row> shown, int suppressed, boolean totalShown) {
    Suppression {
        shown = List.copyOf(shown);
    }

    /**
     * Applies the rule.
     *
     * @param minimum people a row must stand for
     * @param union how many different people stand behind some rows together
     */
    static Suppression apply(List<Row> rows, int minimum, ToLongFunction<List<Row>> union) {
        List<Row> hidden =
                new ArrayList<>(rows.stream().filter(r -> r.people() < minimum).toList());
        List<Row> rest =
                new ArrayList<>(
                        rows.stream()
                                .filter(r -> r.people() >= minimum)
                                .sorted(
                                        Comparator.comparingLong(Row::people)
                                                .thenComparingLong(Row::events))
                                .toList());
        while (!hidden.isEmpty() && !rest.isEmpty() && !safe(hidden, minimum, union)) {
            hidden.add(rest.removeFirst());
        }
        return new Suppression(
                rows.stream().filter(rest::contains).toList(),
                hidden.size(),
                hidden.isEmpty() ? !rows.isEmpty() : safe(hidden, minimum, union));
    }

    private static boolean safe(List<Row> hidden, int minimum, ToLongFunction<List<Row>> union) {
        return hidden.size() >= 2 && union.applyAsLong(hidden) >= minimum;
    }
}
