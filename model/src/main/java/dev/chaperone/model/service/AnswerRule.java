// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.service;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to take from an event of an answer.
 *
 * @param on regex that the event's whole name must match, or null
 * @param when condition on the event, or null
 * @param each path of the objects that the rest is read from; null for the event itself
 * @param whenEach condition on each of these objects, or null
 * @param key path of the key that tells one {@code set} text from another, or null
 * @param append paths of text that continues the answer
 * @param set path of the whole text so far, or null
 * @param setIfEmpty path of the whole text, taken while there is none; or null
 * @param reasoning paths of text that continues the reasoning
 * @param tool where a tool call stands, or null
 * @param model paths of the model's name
 * @param conversation paths of the conversation's identifier
 * @param error paths of the service's error message
 * @param echo what repeats the answer and is not read again, or null
 */
public record AnswerRule(
        @Nullable String on,
        @Nullable String when,
        @Nullable String each,
        @Nullable String whenEach,
        @Nullable String key,
        List<String> append,
        @Nullable String set,
        @Nullable String setIfEmpty,
        List<String> reasoning,
        @Nullable ToolRule tool,
        List<String> model,
        List<String> conversation,
        List<String> error,
        @Nullable EchoRule echo) {
    public AnswerRule {
        append = List.copyOf(append);
        reasoning = List.copyOf(reasoning);
        model = List.copyOf(model);
        conversation = List.copyOf(conversation);
        error = List.copyOf(error);
    }

    /**
     * Texts that say again, or in another form, what other rules read: they matter only where an
     * answer is changed.
     *
     * @param text paths of whole texts
     * @param args paths of whole arguments of a tool call
     * @param argsDelta paths of text that continues such arguments
     */
    public record EchoRule(List<String> text, List<String> args, List<String> argsDelta) {
        public EchoRule {
            text = List.copyOf(text);
            args = List.copyOf(args);
            argsDelta = List.copyOf(argsDelta);
        }
    }

    /**
     * A tool call in an answer.
     *
     * @param key path of the call's key: deltas of one key belong together; or null
     * @param name path of the tool's name, or null
     * @param args paths of the arguments
     * @param replace true when the arguments are whole, not a delta
     * @param continuesLast true when a delta without key belongs to the last call
     */
    public record ToolRule(
            @Nullable String key,
            @Nullable String name,
            List<String> args,
            boolean replace,
            boolean continuesLast) {
        public ToolRule {
            args = List.copyOf(args);
        }
    }
}
