// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import dev.chaperone.agent.cli.AnswerCommand;
import dev.chaperone.agent.cli.CaCommand;
import dev.chaperone.agent.cli.CaptureCommand;
import dev.chaperone.agent.cli.ClassifyCommand;
import dev.chaperone.agent.cli.DemoCommand;
import dev.chaperone.agent.cli.DoctorCommand;
import dev.chaperone.agent.cli.EnrollCommand;
import dev.chaperone.agent.cli.EnvCommand;
import dev.chaperone.agent.cli.EventsCommand;
import dev.chaperone.agent.cli.ExecCommand;
import dev.chaperone.agent.cli.ExitStatus;
import dev.chaperone.agent.cli.HostsCommand;
import dev.chaperone.agent.cli.InspectCommand;
import dev.chaperone.agent.cli.LedgerCommand;
import dev.chaperone.agent.cli.MachineCommand;
import dev.chaperone.agent.cli.PauseCommand;
import dev.chaperone.agent.cli.PendingCommand;
import dev.chaperone.agent.cli.PolicyCommand;
import dev.chaperone.agent.cli.ResumeCommand;
import dev.chaperone.agent.cli.RunCommand;
import dev.chaperone.agent.cli.TrustCommand;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
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
            ClassifyCommand.class,
            EventsCommand.class,
            LedgerCommand.class,
            PendingCommand.class,
            AnswerCommand.class,
            PauseCommand.class,
            ResumeCommand.class,
            HostsCommand.class,
            CaCommand.class,
            EnvCommand.class,
            TrustCommand.class,
            DoctorCommand.class,
            EnrollCommand.class,
            MachineCommand.class,
            CaptureCommand.class,
        },
        footer = {
            "",
            "In a checkout of the source also: server, report, admin (the company's server), test.",
        },
        versionProvider = Version.class,
        mixinStandardHelpOptions = true)
public final class AgentMain {
    /** A checkout's script starts another program for them. */
    private static final Set<String> OF_THE_SERVER = Set.of("server", "report", "admin");

    private AgentMain() {}

    public static void main(String[] args) {
        System.exit(run(args));
    }

    /** Runs one command and returns its exit status; never throws. */
    static int run(String... args) {
        CommandLine line = new CommandLine(new AgentMain());
        if (args.length > 0 && OF_THE_SERVER.contains(args[0])) {
            line.getErr()
                    .println(
                            "chaperone: '"
                                    + args[0]
                                    + "' is the server's, which is not in the agent's package; in a checkout of the"
                                    + " source, on the server's machine: ./chaperone "
                                    + args[0]);
            return ExitStatus.ENVIRONMENT;
        }
        // The engines are loaded when the first exchange asks for them: --help must not wait.
        Supplier<RecordedPrompts> engines = lazily(RecordedPrompts::shipped);
        line.addSubcommand(new InspectCommand(inspection -> engines.get().judge(inspection)));
        line.addSubcommand(new PolicyCommand(() -> Optional.of(TextAssessor.standard())));
        line.setParameterExceptionHandler(AgentMain::wrongUse);
        line.setExecutionExceptionHandler(AgentMain::bug);
        // What begins with @ is the command's: exec -- curl -d @file.
        line.setExpandAtFiles(false);
        return line.execute(args);
    }

    private static int wrongUse(CommandLine.ParameterException e, String[] args) {
        String command = e.getCommandLine().getCommandSpec().qualifiedName();
        e.getCommandLine()
                .getErr()
                .println("chaperone: " + e.getMessage() + "; see '" + command + " --help'");
        return ExitStatus.USAGE;
    }

    /**
     * An exception's message may quote what it choked on (DESIGN §2 rule 4): its class is all that
     * is told.
     */
    private static int bug(Exception e, CommandLine line, CommandLine.ParseResult result) {
        StackTraceElement[] trace = e.getStackTrace();
        line.getErr()
                .println(
                        "chaperone: a bug, please report it: CHP-BUG-001 "
                                + e.getClass().getName()
                                + (trace.length == 0 ? "" : " at " + trace[0]));
        return ExitStatus.BUG;
    }

    private static <T> Supplier<T> lazily(Supplier<T> make) {
        return new Supplier<>() {
            private @Nullable T value;

            @Override
            public synchronized T get() {
                T known = value;
                if (known == null) {
                    known = make.get();
                    value = known;
                }
                return known;
            }
        };
    }
}
