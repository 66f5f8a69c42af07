// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.agent.DataFolder;
import dev.chaperone.agent.StartException;
import dev.chaperone.agent.doctor.RunningAgent;
import dev.chaperone.agent.ipc.IpcClient;
import dev.chaperone.model.ipc.IpcPath;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Finds the running agent's socket for commands that talk to it. */
final class AgentLink {
    private AgentLink() {}

    /**
     * Connects.
     *
     * @throws StartException with status 3 when no agent answers
     */
    static IpcClient open(Path dataDir) throws StartException {
        Optional<IpcClient> agent = find(dataDir);
        if (agent.isEmpty()) {
            throw new StartException(
                    ExitStatus.ENVIRONMENT,
                    "no agent runs on data folder "
                            + dataDir
                            + "; start it with 'chaperone run', or give its --data-dir");
        }
        return agent.get();
    }

    /**
     * Connects to the agent that runs on a folder, or for a user who has none to the machine's
     * service; empty when neither runs.
     *
     * @throws StartException with status 3 when one runs and does not answer
     */
    static Optional<IpcClient> find(Path dataDir) throws StartException {
        Optional<Path> socket =
                RunningAgent.on(dataDir)
                        .map(a -> a.properties().getProperty("socket", ""))
                        .filter(path -> !path.isEmpty())
                        .map(Path::of)
                        .or(() -> service(dataDir));
        if (socket.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(IpcClient.connect(socket.get()));
        } catch (IOException e) {
            throw new StartException(
                    ExitStatus.ENVIRONMENT,
                    "the agent does not answer on socket " + socket.get() + "; restart it");
        }
    }

    /** What a command does with the agent. */
    interface Asking {
        /** Returns the command's exit status. */
        int ask(IpcClient agent) throws IOException, IpcClient.RefusedException;
    }

    /** Asks the agent; what goes wrong becomes one line and an exit status. */
    static int ask(Path dataDir, PrintWriter err, Asking command) {
        try (IpcClient agent = open(dataDir)) {
            return command.ask(agent);
        } catch (StartException e) {
            err.println("chaperone: " + e.getMessage());
            return e.exitStatus();
        } catch (IpcClient.RefusedException e) {
            err.println("chaperone: " + e.getMessage());
            return ExitStatus.NO;
        } catch (IOException e) {
            err.println("chaperone: the agent stopped answering");
            return ExitStatus.ENVIRONMENT;
        }
    }

    /** The machine's service, for a user who has no agent of their own. */
    static Optional<Path> service(Path dataDir) {
        return Optional.of(IpcPath.SERVICE)
                .filter(path -> dataDir.equals(DataFolder.resolve(null)) && Files.exists(path));
    }
}
