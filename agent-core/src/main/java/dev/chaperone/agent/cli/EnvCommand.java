// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.agent.doctor.RunningAgent;
import dev.chaperone.agent.trust.Shell;
import dev.chaperone.agent.trust.Variables;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code chaperone env}: shell exports for one terminal. Never a machine-wide setting (DESIGN §2
 * rule 9). What the shell had before is kept in it and comes back with {@code --unset}.
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

    @Option(
            names = "--shell",
            paramLabel = "SHELL",
            defaultValue = "sh",
            description = "bash, zsh, sh (the default), fish or powershell.")
    private String shell = "sh";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
        Optional<Shell> known = Shell.named(shell);
        if (known.isEmpty()) {
            return failed(
                    ExitStatus.USAGE,
                    "--shell '" + shell + "': one of bash, zsh, sh, fish, powershell");
        }
        if (unset) {
            print(known.get(), Variables.takenBack(System.getenv()));
            return ExitStatus.DONE;
        }
        Path folder = dataDir.resolve();
        Optional<RunningAgent> running = RunningAgent.reachable(folder, dataDir.asked());
        if (running.isEmpty()) {
            // Exports that lead to a dead port would stop every tool of the shell.
            return failed(
                    ExitStatus.ENVIRONMENT,
                    "no agent runs on "
                            + folder
                            + ", nothing is exported; start one with 'chaperone run'");
        }
        try {
            Map<String, String> own = Variables.withoutOurs(System.getenv());
            ClientBundles bundles =
                    ClientBundles.of(
                            folder,
                            running.get().ca(folder),
                            own.get("XDG_STATE_HOME"),
                            Path.of(System.getProperty("user.home")));
            Map<String, Optional<String>> all = new LinkedHashMap<>();
            ClientEnvironment.of(running.get().address(), bundles, own)
                    .forEach((name, value) -> all.put(name, Optional.of(value)));
            print(known.get(), all);
            return ExitStatus.DONE;
        } catch (IOException e) {
            return failed(
                    ExitStatus.ENVIRONMENT,
                    "the certificate bundles cannot be written to "
                            + folder
                            + "; make it writable, or give another --data-dir");
        }
    }

    private void print(Shell as, Map<String, Optional<String>> variables) {
        PrintWriter out = spec.commandLine().getOut();
        variables.forEach((name, value) ->
                out.println(value.map(v -> as.export(name, v)).orElseGet(() -> as.unset(name))));
        out.flush();
    }

    private int failed(int status, String why) {
        spec.commandLine().getErr().println("chaperone: " + why);
        return status;
    }
}
