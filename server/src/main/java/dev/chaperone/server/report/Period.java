// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.report;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/**
 * What a report covers: whole days, UTC, up to now. Finer periods would let two reports be
 * subtracted down to one event.
 *
 * @param since start of a day, inclusive
 * @param until now
 */
record Period(Instant since, Instant until) {
    static Period from(Instant since, Instant now) {
        Instant start = since.isAfter(now) ? now : since;
        return new Period(start.truncatedTo(ChronoUnit.DAYS), now);
    }

    /** Days since 1970 UTC, inclusive. */
    long firstDay() {
        return since.atZone(ZoneOffset.UTC).toLocalDate().toEpochDay();
    }

    /** Tomorrow: devices' clocks may be ahead of ours by an hour. */
    long lastDay() {
        return until.atZone(ZoneOffset.UTC).toLocalDate().toEpochDay() + 1;
    }
}
