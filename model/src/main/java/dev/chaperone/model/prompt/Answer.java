// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.prompt;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a service answered.
 *
 * @param text the answer's text, or null when the stream held none
 * @param reasoning reasoning text, never part of {@code text}, or null
 * @param toolCalls calls in order of first appearance
 * @param error the service's error message, or null
 * @param model the model that answered, or null
 * @param conversation the conversation the answer names, or null
 * @param truncated true when the answer was longer than the reader keeps
 */
public record Answer(
        @Nullable String text,
        @Nullable String reasoning,
        List<ToolCall> toolCalls,
        @Nullable String error,
        @Nullable String model,
        @Nullable String conversation,
        boolean truncated) {
    public Answer {
        toolCalls = List.copyOf(toolCalls);
    }

    @Override
    public String toString() {
        return "Answer["
                + (text == null ? 0 : text.length())
                + " chars, "
                + toolCalls.size()
                + " tool calls]";
    }
}
