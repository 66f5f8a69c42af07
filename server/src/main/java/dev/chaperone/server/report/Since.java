// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.report;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;

/**
 * The start of a period: a duration before now ({@code 30d}, {@code 12h}, {@code 5m}, {@code 10s})
 * or RFC 3339.
 */
final class Since {
    private Since() {}

    static Instant parse(String text, Instant now) {
        if (text.matches("\\d{1,6}[dhms]")) {
            long n = Long.parseLong(text.substring(0, text.length() - 1));
            return now.minus(
                    switch (text.charAt(text.length() - 1)) {
                        case 'd' -> Duration.ofDays(n);
                        case 'h' -> Duration.ofHours(n);
                        case 'm' -> Duration.ofMinutes(n);
                        default -> Duration.ofSeconds(n);
                    });
        }
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(
                    "since is a duration such as 30d or a time such as 2026-11-25T10:00:00Z");
        }
    }
}
