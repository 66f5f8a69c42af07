// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server;

import dev.chaperone.server.cli.AdminCommand;
import dev.chaperone.server.cli.ExitStatus;
import dev.chaperone.server.cli.ReportCommand;
import dev.chaperone.server.cli.ServerCommand;
import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** The entry of {@code chaperone server}, {@code report} and {@code admin}. */
@Command(
        name = "chaperone",
        description = "The Chaperone server and its clients.",
        subcommands = {ServerCommand.class, ReportCommand.class, AdminCommand.class},
        versionProvider = ServerMain.Version.class,
        mixinStandardHelpOptions = true)
public final class ServerMain {
    private ServerMain() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    /** Its {@code execute} returns the exit status and never throws. */
    public static CommandLine commandLine() {
        CommandLine line = new CommandLine(new ServerMain());
        line.setParameterExceptionHandler(ServerMain::wrongUse);
        line.setExecutionExceptionHandler(ServerMain::bug);
        return line;
    }

    private static int wrongUse(CommandLine.ParameterException e, String[] args) {
        String command = e.getCommandLine().getCommandSpec().qualifiedName();
        e.getCommandLine()
                .getErr()
                .println("chaperone: " + e.getMessage() + "; see '" + command + " --help'");
        return ExitStatus.USAGE;
    }

    /** Its class and place are told, never its message (DESIGN §2 rule 4). */
    private static int bug(Exception e, CommandLine line, CommandLine.ParseResult result) {
        StackTraceElement[] trace = e.getStackTrace();
        line.getErr()
                .println(
                        "chaperone: a bug, please report it: CHP-BUG-001 "
                                + e.getClass().getName()
                                + (trace.length == 0 ? "" : " at " + trace[0]));
        return ExitStatus.BUG;
    }

    /** What {@code --version} prints. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() throws IOException {
            Properties build = new Properties();
            try (InputStream in = Version.class.getResourceAsStream("build.properties")) {
                if (in != null) {
                    build.load(in);
                }
            }
            return new String[] {
                "chaperone "
                        + build.getProperty("version", "unknown")
                        + " ("
                        + build.getProperty("commit", "unknown")
                        + "), JDK "
                        + Runtime.version()
            };
        }
    }
}
