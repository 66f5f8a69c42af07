// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.decision;

/**
 * The identifier of a policy rule, unique in its document.
 *
 * @param value lower case letters, digits and dashes; {@code default:…} for a policy's defaults
 */
public record RuleId(String value) {
    @Override
    public String toString() {
        return value;
    }
}
