// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.UUID;

/** UUID version 7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, then random. */
public final class TimeOrderedUuid {
    private static final SecureRandom RANDOM = new SecureRandom();

    private TimeOrderedUuid() {}

    public static UUID next(Instant now) {
        long high = now.toEpochMilli() << 16 | 0x7000L | (RANDOM.nextLong() & 0x0FFF);
        long low = RANDOM.nextLong() & 0x3FFFFFFFFFFFFFFFL | 0x8000000000000000L;
        return new UUID(high, low);
    }
}
