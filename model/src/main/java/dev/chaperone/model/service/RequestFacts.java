// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.service;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to read a request. Every path is in the catalogue's path language
 * (policies/catalogue/README.md).
 *
 * @param decode pipeline over the body after Content-Encoding: {@code json}, {@code form:NAME} …
 * @param context paths of texts that stand beside the turns
 * @param turns path of the conversation's turns, or null
 * @param role path of the role in a turn, or null
 * @param defaultRole the role of a turn that names none, or null
 * @param userRoles the roles that are the person's
 * @param text paths of texts in a turn
 * @param toolText paths of tool calls and results in a turn
 * @param prompt paths of the prompt; they win over the turns when they select something
 * @param attachments what goes with the prompt
 * @param model paths of the model's name, the first that selects a value wins
 * @param conversation paths of the conversation's identifier, the first that selects a value wins
 * @param frameFilter condition that a client message must meet to be a prompt, or null
 * @param tool where a tool call's name and arguments stand, or null
 */
public record RequestFacts(
        List<String> decode,
        List<String> context,
        @Nullable String turns,
        @Nullable String role,
        @Nullable String defaultRole,
        List<String> userRoles,
        List<String> text,
        List<String> toolText,
        List<String> prompt,
        List<AttachmentFacts> attachments,
        List<String> model,
        List<String> conversation,
        @Nullable String frameFilter,
        @Nullable ToolFacts tool) {
    /** A JSON body of which nothing is declared. */
    public static final RequestFacts JSON =
            new RequestFacts(
                    List.of("json"),
                    List.of(),
                    null,
                    null,
                    null,
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    null,
                    null);

    public RequestFacts {
        decode = List.copyOf(decode);
        context = List.copyOf(context);
        userRoles = List.copyOf(userRoles);
        text = List.copyOf(text);
        toolText = List.copyOf(toolText);
        prompt = List.copyOf(prompt);
        attachments = List.copyOf(attachments);
        model = List.copyOf(model);
        conversation = List.copyOf(conversation);
    }

    /**
     * Where a request that is itself a tool call names the tool.
     *
     * @param name path of the tool's name
     * @param args path of its arguments
     */
    public record ToolFacts(String name, String args) {}
}
