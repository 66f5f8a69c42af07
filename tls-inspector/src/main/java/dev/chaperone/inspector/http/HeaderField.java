// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.http;

/**
 * One header line.
 *
 * @param name as received
 * @param value as received, without surrounding white space
 */
public record HeaderField(String name, String value) {
    /** Hides the value. */
    @Override
    public String toString() {
        return "HeaderField[" + name + "]";
    }
}
