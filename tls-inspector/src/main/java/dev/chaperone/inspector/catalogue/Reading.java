// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import dev.chaperone.model.prompt.NotInspected;
import dev.chaperone.model.prompt.Prompt;

/** The result of reading one request body or one client message. */
public sealed interface Reading {
    /**
     * It was read.
     *
     * @param prompt its segments: first those that the catalogue declares, then every other string
     *     of the body that could carry content
     * @param map the way back to the bytes
     * @param declared how many of the segments the catalogue declares: the first {@code declared}.
     *     0 for a message of which only undeclared strings were read (a control frame): scan it,
     *     but it is no prompt of a person
     */
    @SuppressWarnings("AvoidCommonTypeNames") // always named as Reading.Readable
    record Readable(Prompt prompt, TextMap map, int declared) implements Reading {}

    /** Nothing in it can carry content: a control frame, an empty body. */
    record NotAPrompt() implements Reading {}

    /** It was not read: malformed, or in a notation that is not built. */
    record Unreadable(NotInspected why) implements Reading {}
}
