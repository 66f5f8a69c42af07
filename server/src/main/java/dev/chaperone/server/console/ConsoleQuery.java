// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.console;

import dev.chaperone.server.report.Period;
import dev.chaperone.server.report.Reports;
import io.helidon.common.parameters.Parameters;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the address of the page asks for. Everything that can be chosen stands in it, so that a page
 * can be kept, sent on and opened again.
 *
 * @param days {@code 7d}, {@code 30d} or {@code 90d}; empty when days are given
 * @param from first day as it was typed; empty when {@code days} is given
 * @param to last day as it was typed; empty for today
 * @param by what usage is split by, one of {@link Reports#DIMENSIONS}
 * @param sort id of the column that rows are sorted by; empty for the report's own order
 * @param descending largest first
 */
record ConsoleQuery(
        String days, String from, String to, String by, String sort, boolean descending) {
    static final List<String> DAYS = List.of("7d", "30d", "90d");
    static final List<String> SORTS =
            List.of(
                    "key",
                    "events",
                    "people",
                    "found",
                    "unchanged",
                    "redacted",
                    "stopped",
                    "repeats",
                    "bytes");

    private static final int MAX_TYPED = 40;
    private static final String DAY = "\\d{4}-\\d{2}-\\d{2}";

    /** Days win over a number of days; what is not known is as if it was not there. */
    static ConsoleQuery of(Parameters asked) {
        String from = typed(asked, "from");
        String to = typed(asked, "to");
        boolean given = !from.isEmpty() || !to.isEmpty();
        return new ConsoleQuery(
                given ? "" : known(asked, "period", DAYS, "30d"),
                from,
                to,
                known(asked, "by", Reports.DIMENSIONS, Reports.DIMENSIONS.getFirst()),
                known(asked, "sort", SORTS, ""),
                !asked.first("order").orElse("").equals("up"));
    }

    private static String typed(Parameters asked, String name) {
        String text = asked.first(name).orElse("").strip();
        return text.length() > MAX_TYPED ? text.substring(0, MAX_TYPED) : text;
    }

    private static String known(
            Parameters asked, String name, List<String> values, String otherwise) {
        return asked.first(name).asOptional().filter(values::contains).orElse(otherwise);
    }

    /**
     * What it covers.
     *
     * @throws IllegalArgumentException one line for the person, about the two fields
     */
    Period period(Instant now) {
        if (!days.isEmpty()) {
            return Period.parse(days, Optional.empty(), now);
        }
        if (from.isEmpty()) {
            throw new IllegalArgumentException("Give the first day too.");
        }
        Optional<String> last = Optional.of(to).filter(day -> !day.isEmpty());
        if (!from.matches(DAY) || !last.map(day -> day.matches(DAY)).orElse(true)) {
            throw new IllegalArgumentException("Write days as year-month-day: 2026-11-25.");
        }
        if (from.compareTo(now.toString()) > 0) {
            throw new IllegalArgumentException("The first day is still to come.");
        }
        try {
            return Period.parse(from, last, now);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    String.valueOf(e.getMessage()).contains("before")
                            ? "The last day is before the first."
                            : "The calendar has no such day.",
                    e);
        }
    }

    ConsoleQuery withDays(String number) {
        return new ConsoleQuery(number, "", "", by, sort, descending);
    }

    ConsoleQuery withBy(String dimension) {
        return new ConsoleQuery(days, from, to, dimension, "", true);
    }

    /** Sorted by this column; the other way round when it is already. */
    ConsoleQuery sortedBy(String column, boolean largestFirst) {
        return new ConsoleQuery(days, from, to, by, column, largestFirst);
    }

    /** Address of the page. */
    String href() {
        return "/console?"
                + (days.isEmpty()
                        ? "from=" + encoded(from) + (to.isEmpty() ? "" : "&to=" + encoded(to))
                        : "period=" + days)
                + "&by="
                + by
                + (sort.isEmpty() ? "" : "&sort=" + sort + "&order=" + order());
    }

    /** {@code up} or {@code down}. */
    String order() {
        return descending ? "down" : "up";
    }

    /** Parameters of REST for the same period. */
    String rest() {
        return days.isEmpty()
                ? "since=" + encoded(from) + (to.isEmpty() ? "" : "&until=" + encoded(to))
                : "since=" + days;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
