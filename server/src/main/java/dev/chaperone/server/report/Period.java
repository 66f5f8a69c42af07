// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.report;

import dev.chaperone.model.time.Since;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * What a report covers: whole days, UTC, at most up to now. Finer periods would let two reports be
 * subtracted down to one event.
 *
 * @param since start of a day, inclusive
 * @param until end of a day, exclusive, or now
 * @param lastDay days since 1970 UTC, inclusive
 */
public record Period(Instant since, Instant until, long lastDay) {
    private static final int DURATION_DIGITS = 6;

    /**
     * Reads what REST, command line and console are asked for.
     *
     * @param since a duration before now such as {@code 30d}, a day such as {@code 2026-11-25}, or
     *     RFC 3339; its whole day is included
     * @param until a day or a time; its whole day is included. Empty for now
     * @throws IllegalArgumentException when it is none; the message says what is expected and
     *     begins with the name of what is wrong
     */
    public static Period parse(String since, Optional<String> until, Instant now) {
        Instant first = min(moment("since", since, now), now).truncatedTo(ChronoUnit.DAYS);
        Instant end =
                until.map(text -> moment("until", text, now))
                        .filter(u -> u.isBefore(now.truncatedTo(ChronoUnit.DAYS)))
                        .map(u -> u.truncatedTo(ChronoUnit.DAYS).plus(1, ChronoUnit.DAYS))
                        .orElse(now);
        if (end.isBefore(first) || end.equals(first) && end.isBefore(now)) {
            throw new IllegalArgumentException("until: the last day is before the first");
        }
        // Up to now means up to tomorrow: devices' clocks may be ahead of ours by an hour.
        return new Period(first, end, end.equals(now) ? day(now) + 1 : day(end) - 1);
    }

    private static Instant moment(String name, String text, Instant now) {
        try {
            return text.matches("\\d{4}-\\d{2}-\\d{2}")
                    ? LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC)
                    : Since.parse(text, now, DURATION_DIGITS);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(name + ": the calendar has no such day");
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    name
                            + ": expected a duration such as 30d, a day such as 2026-11-25 or a time"
                            + " such as 2026-11-25T10:00:00Z");
        }
    }

    private static Instant min(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    private static long day(Instant at) {
        return at.atZone(ZoneOffset.UTC).toLocalDate().toEpochDay();
    }

    /** Days since 1970 UTC, inclusive. */
    long firstDay() {
        return day(since);
    }
}
