// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import dev.chaperone.inspector.body.JsonObject;
import dev.chaperone.inspector.body.MultipartReader;
import dev.chaperone.inspector.body.Text;
import dev.chaperone.model.prompt.Origin;
import java.util.Locale;
import java.util.Set;

/**
 * Where a text comes from, by the words that AI protocols use. The catalogue tells the turns; this
 * tells what stands inside and beside them.
 */
final class Origins {
    private static final Set<String> TOOLS =
            Set.of(
                    "tools",
                    "functions",
                    "tool_choice",
                    "additional_tools",
                    "toolconfig",
                    "toolspec");
    private static final Set<String> CALLS =
            Set.of("arguments", "args", "tool_calls", "functioncall", "function_call", "tooluse");
    private static final Set<String> RESULTS =
            Set.of(
                    "output",
                    "tool_result",
                    "toolresult",
                    "toolresults",
                    "functionresponse",
                    "function_response",
                    "tool_results",
                    "observation");
    private static final Set<String> INSTRUCTIONS =
            Set.of(
                    "system",
                    "instructions",
                    "systeminstruction",
                    "system_instruction",
                    "preprompt",
                    "custominstructions",
                    "system_prompt");
    private static final Set<String> HISTORY =
            Set.of("history", "chat_history", "message_history", "chathistory");

    private Origins() {}

    /** The origin of what a member holds, given the origin of what it stands in. */
    static Origin ofMember(String name, Origin outer) {
        if (outer == Origin.TOOL_DESCRIPTION || outer == Origin.TOOL_RESULT) {
            return outer;
        }
        String word = name.toLowerCase(Locale.ROOT);
        if (TOOLS.contains(word)) {
            return Origin.TOOL_DESCRIPTION;
        }
        if (CALLS.contains(word)) {
            return Origin.TOOL_CALL;
        }
        if (RESULTS.contains(word)) {
            return Origin.TOOL_RESULT;
        }
        if (INSTRUCTIONS.contains(word)) {
            return Origin.SYSTEM;
        }
        if (HISTORY.contains(word)) {
            return Origin.HISTORY;
        }
        return name.equals(MultipartReader.FILES) || name.equals(MultipartReader.CONTENT)
                ? Origin.FILE
                : outer;
    }

    /** The origin of what an object holds, by its type and role. */
    static Origin ofObject(JsonObject object, Origin outer) {
        if (outer == Origin.TOOL_DESCRIPTION || outer == Origin.TOOL_RESULT) {
            return outer;
        }
        if (object.get("type") instanceof Text type) {
            String word = type.value();
            if (word.endsWith("tool_result") || word.endsWith("_output")) {
                return Origin.TOOL_RESULT;
            }
            if (word.endsWith("tool_use") || word.endsWith("_call")) {
                return Origin.TOOL_CALL;
            }
            if (word.endsWith("_tools")) {
                return Origin.TOOL_DESCRIPTION;
            }
        }
        return object.get("role") instanceof Text role ? ofRole(role.value(), outer) : outer;
    }

    /** The origin of a turn that is not the person's. */
    static Origin ofRole(String role, Origin otherwise) {
        return switch (role.toLowerCase(Locale.ROOT)) {
            case "system", "developer" -> Origin.SYSTEM;
            case "tool", "function" -> Origin.TOOL_RESULT;
            case "assistant", "model", "bot", "ai" -> Origin.HISTORY;
            default -> otherwise;
        };
    }

    /** The origin of texts that a path declares beside the turns. */
    static Origin ofContext(Path path) {
        String word = path.toString().toLowerCase(Locale.ROOT);
        if (word.contains("argument")) {
            return Origin.TOOL_CALL;
        }
        if (word.contains("result")) {
            return Origin.TOOL_RESULT;
        }
        if (word.contains("history") || word.contains("messages")) {
            return Origin.HISTORY;
        }
        return word.contains("document")
                        || word.contains("attachment")
                        || word.contains("extracted")
                        || word.contains("file")
                        || word.contains("suffix")
                        || word.contains("snippet")
                        || word.contains("context")
                ? Origin.FILE
                : Origin.SYSTEM;
    }

    /** The origin of texts of a turn that belong to tools. */
    static Origin ofToolText(Path path) {
        String word = path.toString().toLowerCase(Locale.ROOT);
        if (word.contains("argument") || word.contains("input") || word.contains("tool_use")) {
            return Origin.TOOL_CALL;
        }
        return word.contains("document") ? Origin.FILE : Origin.TOOL_RESULT;
    }
}
