// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import dev.chaperone.agent.cli.ExitStatus;
import dev.chaperone.agent.cli.PolicyCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line's entry. */
@Command(
        name = "chaperone",
        description =
                "Lets people and their AI agents use AI services without leaking what must not leave.",
        subcommands = {CommandLine.HelpCommand.class},
        mixinStandardHelpOptions = true)
public final class AgentMain {
    private AgentMain() {}

    public static void main(String[] args) {
        System.exit(run(args));
    }

    /** Runs one command and returns its exit status; never throws. */
    static int run(String... args) {
        CommandLine line = new CommandLine(new AgentMain()).addSubcommand(new PolicyCommand());
        line.setExecutionExceptionHandler((_, _, _) -> ExitStatus.BUG);
        return line.execute(args);
    }
}
