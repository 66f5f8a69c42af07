// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.prompt;

/**
 * A tool call in an answer.
 *
 * @param name the tool's name
 * @param arguments canonical JSON (sorted keys, no spaces) when it parses, else as received
 */
public record ToolCall(String name, String arguments) {
    @Override
    public String toString() {
        return "ToolCall[" + arguments.length() + " chars]";
    }
}
