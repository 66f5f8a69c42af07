// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import dev.chaperone.agent.cli.CaCommand;
import dev.chaperone.agent.cli.ClassifyCommand;
import dev.chaperone.agent.cli.DemoCommand;
import dev.chaperone.agent.cli.DoctorCommand;
import dev.chaperone.agent.cli.EnvCommand;
import dev.chaperone.agent.cli.EventsCommand;
import dev.chaperone.agent.cli.ExecCommand;
import dev.chaperone.agent.cli.ExitStatus;
import dev.chaperone.agent.cli.HostsCommand;
import dev.chaperone.agent.cli.InspectCommand;
import dev.chaperone.agent.cli.RunCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line's entry. */
@Command(
        name = "chaperone",
        description =
                "Lets people and their AI agents use AI services without leaking what must not leave.",
        subcommands = {
            CommandLine.HelpCommand.class,
            DemoCommand.class,
            RunCommand.class,
            ExecCommand.class,
            InspectCommand.class,
            ClassifyCommand.class,
            EventsCommand.class,
            HostsCommand.class,
            CaCommand.class,
            EnvCommand.class,
            DoctorCommand.class,
        },
        mixinStandardHelpOptions = true)
public final class AgentMain {
    private AgentMain() {}

    public static void main(String[] args) {
        System.exit(run(args));
    }

    /** Runs one command and returns its exit status; never throws. */
    static int run(String... args) {
        CommandLine line = new CommandLine(new AgentMain());
        line.setExecutionExceptionHandler((_, _, _) -> ExitStatus.BUG);
        return line.execute(args);
    }
}
