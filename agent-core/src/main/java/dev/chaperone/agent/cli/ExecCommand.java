// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.agent.Agent;
import dev.chaperone.agent.AgentOptions;
import dev.chaperone.agent.StartException;
import dev.chaperone.agent.config.AgentConfig.HostPort;
import dev.chaperone.agent.doctor.RunningAgent;
import dev.chaperone.agent.trust.Variables;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code chaperone exec}: runs one command with proxy and trust set for it and its children only.
 * Uses the agent that runs on the data folder, or starts one for as long as the command lasts. Ends
 * with the command's status; terminal, standard streams and signals are the command's.
 */
@Command(
        name = "exec",
        description = "Runs one command through the agent: chaperone exec -- CMD…",
        mixinStandardHelpOptions = true)
public final class ExecCommand implements Callable<Integer> {
    /** As shells say it (POSIX.1-2017, Shell & Utilities §2.8.2). */
    private static final int NOT_FOUND = 127;

    private static final int NOT_EXECUTABLE = 126;

    /** EACCES in the words of different JDKs; there is no exception of its own. */
    private static final Pattern NO_PERMISSION = Pattern.compile("error[=:] ?13\\b");

    @Mixin private AgentArguments arguments = new AgentArguments();

    @Parameters(
            paramLabel = "CMD",
            arity = "1..*",
            description = "The command and its arguments, after --.")
    private List<String> command = new ArrayList<>();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        try {
            AgentOptions options = arguments.toOptions();
            Optional<RunningAgent> running =
                    RunningAgent.reachable(options.dataDir(), arguments.ownAgent());
            if (running.isPresent()) {
                return execute(
                        running.get().address(),
                        running.get().ca(options.dataDir()),
                        options.dataDir());
            }
            try (Agent agent = Agent.start(options)) {
                return execute(
                        HostPort.of(agent.address()).toString(), agent.caFile(), options.dataDir());
            }
        } catch (StartException e) {
            err.println("chaperone: " + e.getMessage());
            return e.exitStatus();
        }
    }

    private int execute(String address, Path ca, Path dataDir) throws InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        Map<String, String> own = Variables.withoutOurs(System.getenv());
        Map<String, String> environment = new HashMap<>(own);
        try {
            ClientBundles bundles =
                    ClientBundles.of(
                            dataDir,
                            ca,
                            own.get("XDG_STATE_HOME"),
                            Path.of(System.getProperty("user.home")));
            environment.putAll(ClientEnvironment.of(address, bundles, own));
        } catch (IOException e) {
            err.println("chaperone: the certificate bundles cannot be written to " + dataDir);
            return ExitStatus.ENVIRONMENT;
        }
        ClientEnvironment.replacedProxy(own)
                .ifPresent(_ ->
                        err.println(
                                "chaperone: your HTTPS_PROXY is not used while the command runs"));
        err.flush();
        try {
            ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
            builder.environment().clear();
            builder.environment().putAll(environment);
            return ForegroundChild.start(builder).waitFor();
        } catch (IOException e) {
            boolean there = NO_PERMISSION.matcher(String.valueOf(e.getMessage())).find();
            err.println(
                    "chaperone: '"
                            + command.getFirst()
                            + (there
                                    ? "' is not executable; look at its permissions"
                                    : "' cannot be run; is it installed and on the PATH?"));
            return there ? NOT_EXECUTABLE : NOT_FOUND;
        }
    }
}
