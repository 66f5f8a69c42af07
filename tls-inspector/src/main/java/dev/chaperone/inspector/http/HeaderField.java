// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.http;

import java.util.List;
import java.util.stream.Collectors;

/**
 * One header line.
 *
 * @param name as received
 * @param value as received, without surrounding white space
 */
public record HeaderField(String name, String value) {
    /**
     * The value of a list-valued field: its lines joined by commas, in order (RFC 9110 §5.3).
     *
     * @return empty when there is no such field
     */
    static String combined(List<HeaderField> fields, String name) {
        return fields.stream()
                .filter(f -> f.name().equalsIgnoreCase(name))
                .map(HeaderField::value)
                .collect(Collectors.joining(", "));
    }

    /** Hides the value. */
    @Override
    public String toString() {
        return "HeaderField[" + name + "]";
    }
}
