// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.report;

import java.util.List;

/**
 * One line of a report.
 *
 * @param key what it is about: one value, or outcome and rule; empty for the total
 * @param events decisions on new content
 * @param repeats how often the same content came again
 * @param found events with a finding
 * @param redacted events that left without what was found
 * @param stopped events that did not leave
 * @param bytes size of the inspected bodies, bytes
 * @param people different pseudonyms, or a lower bound where retention has forgotten them
 */
public record Row(
        List<String> key,
        long events,
        long repeats,
        long found,
        long redacted,
        long stopped,
        long bytes,
        long people) {
    public Row {
        key = List.copyOf(key);
    }
}
