// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.agent.config.AgentConfig;
import dev.chaperone.agent.doctor.RunningAgent;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code chaperone env}: shell exports for one terminal. Never a machine-wide setting (DESIGN §2
 * rule 9).
 */
@Command(
        name = "env",
        description =
                "Prints exports for a shell: eval \"$(chaperone env)\". --unset takes them back.",
        mixinStandardHelpOptions = true)
public final class EnvCommand implements Callable<Integer> {
    @Mixin private DataDirOption dataDir = new DataDirOption();

    @Option(names = "--unset", description = "Print the commands that take the exports back.")
    private boolean unset;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Path folder = dataDir.resolve();
        Path ca = folder.resolve("ca.pem");
        if (!Files.exists(ca)) {
            err.println(
                    "chaperone: no agent has run on "
                            + folder
                            + " yet; start one with 'chaperone run'");
            return ExitStatus.ENVIRONMENT;
        }
        Optional<RunningAgent> running = RunningAgent.on(folder);
        if (running.isEmpty() && !unset) {
            err.println(
                    "chaperone: no agent runs on "
                            + folder
                            + " now; the exports name the default port");
        }
        AgentConfig.HostPort otherwise = AgentConfig.DEFAULTS.listen();
        String address = running.map(RunningAgent::address).orElse(otherwise.toString());
        try {
            ClientEnvironment.of(address, ca)
                    .forEach((name, value) ->
                            out.println(
                                    unset
                                            ? "unset " + name
                                            : "export " + name + "=" + quote(value)));
            return ExitStatus.DONE;
        } catch (IOException e) {
            err.println("chaperone: the certificate bundle cannot be written to " + folder);
            return ExitStatus.ENVIRONMENT;
        }
    }

    /** POSIX shell quoting (POSIX.1-2017 §2.2.2). */
    private static String quote(String value) {
        return "'" + value.replace("'", "'\\''") + "'";
    }
}
