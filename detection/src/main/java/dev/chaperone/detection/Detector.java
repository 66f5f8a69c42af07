// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection;

import dev.chaperone.detection.text.ScanText;
import java.util.List;

/**
 * Finds one kind of sensitive data. The engine reads a text once and calls a detector only where
 * one of its triggers stands; the detector looks at a bounded window around that place, so that the
 * whole stays linear. Stateless and thread-safe.
 */
public interface Detector {
    /** The stable name in findings, events and policies, for example {@code payment-card}. */
    String name();

    /** What makes the engine call {@link #inspect}. */
    Trigger trigger();

    /**
     * Looks at the place where the trigger stands.
     *
     * @param text the whole text
     * @param start where the keyword or the run of digits starts
     * @param end where it ends, exclusive
     * @param hits takes what was found
     */
    void inspect(ScanText text, int start, int end, Hits hits);

    /** When to call a detector. */
    sealed interface Trigger {
        /** At each occurrence of an ASCII literal, without regard to case, overlapping ones too. */
        record Keywords(List<String> literals) implements Trigger {
            public Keywords {
                literals = List.copyOf(literals);
            }

            public static Keywords of(String... literals) {
                return new Keywords(List.of(literals));
            }
        }

        /** At each maximal run of ASCII digits that is at least {@code minimum} long. */
        record Digits(int minimum) implements Trigger {}
    }
}
