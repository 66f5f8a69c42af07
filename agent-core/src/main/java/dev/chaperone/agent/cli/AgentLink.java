// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.agent.DataFolder;
import dev.chaperone.agent.StartException;
import dev.chaperone.agent.doctor.RunningAgent;
import dev.chaperone.agent.ipc.IpcClient;
import dev.chaperone.model.ipc.IpcPath;
import java.io.IOException;
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

    /** The machine's service, for a user who has no agent of their own. */
    static Optional<Path> service(Path dataDir) {
        return Optional.of(IpcPath.SERVICE)
                .filter(path -> dataDir.equals(DataFolder.resolve(null)) && Files.exists(path));
    }
}
