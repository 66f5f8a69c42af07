// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.os;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Programs in which an AI model acts on a computer by itself. */
public final class AgentHarnesses {
    private static final Set<String> NAMES =
            Set.of(
                    "aider",
                    "claude",
                    "claude-code",
                    "codex",
                    "copilot",
                    "cursor-agent",
                    "gemini",
                    "gemini-cli",
                    "opencode",
                    "openhands",
                    "qwen-code");

    /** Variables that harnesses set for what they start; they outlive a process tree. */
    private static final Set<String> VARIABLES =
            Set.of(
                    "CLAUDECODE",
                    "CLAUDE_CODE_ENTRYPOINT",
                    "CODEX_SANDBOX",
                    "CODEX_SANDBOX_NETWORK_DISABLED",
                    "CURSOR_AGENT",
                    "GEMINI_CLI",
                    "OPENCODE");

    private AgentHarnesses() {}

    /** Whether a program's name is that of a harness. */
    public static boolean isOne(String name) {
        return NAMES.contains(name.toLowerCase(Locale.ROOT));
    }

    /** The harness that set one of these environment variables. */
    static Optional<String> behind(Iterable<String> variables) {
        for (String variable : variables) {
            if (VARIABLES.contains(variable)) {
                return Optional.of(variable);
            }
        }
        return Optional.empty();
    }
}
