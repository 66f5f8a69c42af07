// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.time;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;

/**
 * The T of {@code --since}: a duration before now ({@code 30d}, {@code 12h}, {@code 5m}, {@code
 * 10s}) or RFC 3339.
 */
public final class Since {
    private Since() {}

    /**
     * Reads one.
     *
     * @param digits most digits of a duration, 1 … 9
     * @throws IllegalArgumentException for anything else; the message says what is expected
     */
    public static Instant parse(String text, Instant now, int digits) {
        if (text.matches("\\d{1," + digits + "}[dhms]")) {
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
                    "expected a duration such as 30d or a time such as 2026-11-25T10:00:00Z");
        }
    }
}
