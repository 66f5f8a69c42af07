// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.finding;

/**
 * A half-open range of UTF-16 code units inside one segment.
 *
 * @param start ≥ 0
 * @param end > start
 */
public record Span(int start, int end) {
    public Span {
        if (start < 0 || end <= start) {
            throw new IllegalArgumentException("span [" + start + ", " + end + ")");
        }
    }

    public int length() {
        return end - start;
    }

    public boolean overlaps(Span other) {
        return start < other.end && other.start < end;
    }

    public boolean contains(Span other) {
        return start <= other.start && other.end <= end;
    }
}
