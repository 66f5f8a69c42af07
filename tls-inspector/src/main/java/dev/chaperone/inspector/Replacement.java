// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector;

import dev.chaperone.model.finding.Span;

/**
 * One span of a prompt to be sent as something else.
 *
 * @param segment index of the segment
 * @param span where in the segment's text
 * @param text what is sent instead, unescaped
 */
public record Replacement(int segment, Span span, String text) {
    /** Hides the text. */
    @Override
    public String toString() {
        return "Replacement[" + segment + ", " + span + "]";
    }
}
