// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.agent.os.ProcessTree;
import java.io.Console;
import java.util.Optional;

/**
 * Whether a person types here, for commands that let something go. A convenience, not the guard:
 * the agent looks at the process once more.
 */
@SuppressWarnings("SystemConsoleNull") // with -Djdk.console=java.base it still is
final class PersonAtTerminal {
    private PersonAtTerminal() {}

    /**
     * Why nobody can be asked; empty when somebody can.
     *
     * @param what begins the sentence, such as {@code to send}
     */
    static Optional<String> missing(String what) {
        Optional<String> harness = new ProcessTree().above(ProcessHandle.current().pid()).harness();
        if (harness.isPresent()) {
            return Optional.of("an AI agent (" + harness.get() + ") runs this; a person has to");
        }
        Console console = System.console();
        return console == null || !console.isTerminal()
                ? Optional.of(what + " needs a person who types at a terminal")
                : Optional.empty();
    }

    /** Why it was not confirmed; empty when it was. Case does not count. */
    static Optional<String> typed(String question, String expected) {
        Console console = System.console();
        String typed = console == null ? null : console.readLine("%s", question);
        return typed != null && typed.strip().equalsIgnoreCase(expected)
                ? Optional.empty()
                : Optional.of("not confirmed");
    }
}
