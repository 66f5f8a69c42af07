// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.agent.Agent;
import dev.chaperone.agent.AgentOptions;
import dev.chaperone.agent.StartException;
import dev.chaperone.agent.config.AgentConfig.HostPort;
import dev.chaperone.agent.doctor.RunningAgent;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code chaperone exec}: runs one command with proxy and trust set for it and its children only.
 * Uses the agent that runs on the data folder, or starts one for as long as the command lasts.
 */
@Command(
        name = "exec",
        description = "Runs one command through the agent: chaperone exec -- CMD…",
        mixinStandardHelpOptions = true)
public final class ExecCommand implements Callable<Integer> {
    private static final int NOT_FOUND = 127; // as shells say it

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
                return execute(running.get().address(), running.get().ca(options.dataDir()), null);
            }
            try (Agent agent = Agent.start(options)) {
                return execute(HostPort.of(agent.address()).toString(), agent.caFile(), agent);
            }
        } catch (StartException e) {
            err.println("chaperone: " + e.getMessage());
            return e.exitStatus();
        }
    }

    private int execute(String address, Path ca, @Nullable Agent own) throws InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        try {
            ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
            builder.environment().putAll(ClientEnvironment.of(address, ca));
            Process process = builder.start();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(process, own), "stop"));
            return process.waitFor();
        } catch (IOException e) {
            err.println(
                    "chaperone: '"
                            + command.getFirst()
                            + "' cannot be run; is it installed and on the PATH?");
            return NOT_FOUND;
        }
    }

    private static void stop(Process process, @Nullable Agent own) {
        if (process.isAlive()) {
            process.destroy();
            if (own != null) {
                own.close();
            }
        }
    }
}
