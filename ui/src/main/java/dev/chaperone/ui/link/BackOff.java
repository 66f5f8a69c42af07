// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.link;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Growing waits between tries, jittered so that many interfaces do not come at once. */
final class BackOff {
    private final long first;
    private final long longest;
    private final RandomGenerator random;
    private int tries;

    /**
     * @param first longest first wait; > 0
     * @param longest longest wait of all; ≥ first
     */
    BackOff(Duration first, Duration longest, RandomGenerator random) {
        this.first = first.toMillis();
        this.longest = longest.toMillis();
        this.random = random;
    }

    /** How long to wait now: between half and all of a bound that doubles. */
    Duration next() {
        long bound = Math.min(longest, first << Math.min(tries++, 16));
        return Duration.ofMillis(random.nextLong(bound / 2, bound + 1));
    }

    /** It worked: the next wait is a first one. */
    void reset() {
        tries = 0;
    }
}
