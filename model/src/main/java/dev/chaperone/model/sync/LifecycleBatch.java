// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.sync;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /v1/lifecycle} on the agents' listener: what the server does not have yet of a
 * device's lifecycle log. Sending the same again changes nothing.
 *
 * @param head number of the log's last line
 * @param headHash its hash
 * @param entries those after the server's mark, in order; none to ask for the mark
 */
public record LifecycleBatch(long head, String headHash, List<LifecycleEntry> entries) {
    /** At most so many lines at a time. */
    public static final int MAX_ENTRIES = 200;

    public LifecycleBatch {
        entries = List.copyOf(entries);
    }

    /**
     * The server's answer.
     *
     * @param n number of the last line that it has; 0 for none: then all are wanted
     * @param finding what it found to contradict itself, and nobody accepted yet; null for nothing
     */
    public record Answer(long n, @Nullable String finding) {}
}
