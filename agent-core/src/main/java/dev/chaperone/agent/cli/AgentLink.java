// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.agent.StartException;
import dev.chaperone.agent.doctor.RunningAgent;
import dev.chaperone.agent.ipc.IpcClient;
import java.io.IOException;
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
        Optional<String> socket =
                RunningAgent.on(dataDir).map(a -> a.properties().getProperty("socket", ""));
        if (socket.isEmpty() || socket.get().isEmpty()) {
            throw new StartException(
                    ExitStatus.ENVIRONMENT,
                    "no agent runs on data folder "
                            + dataDir
                            + "; start it with 'chaperone run', or give its --data-dir");
        }
        try {
            return IpcClient.connect(Path.of(socket.get()));
        } catch (IOException e) {
            throw new StartException(
                    ExitStatus.ENVIRONMENT,
                    "the agent does not answer on socket " + socket.get() + "; restart it");
        }
    }
}
