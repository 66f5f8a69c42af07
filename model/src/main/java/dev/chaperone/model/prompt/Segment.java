// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.prompt;

/**
 * One text of a prompt.
 *
 * @param index position in {@link Prompt#segments()}, from 0
 * @param text the text as the service will read it, after every decoding step
 * @param origin where it comes from
 */
public record Segment(int index, String text, Origin origin) {
    /** Hides the text: prompt text never enters a log (DESIGN §2 rule 4). */
    @Override
    public String toString() {
        return "Segment[" + index + ", " + origin + ", " + text.length() + " chars]";
    }
}
