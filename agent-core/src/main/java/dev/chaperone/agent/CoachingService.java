// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import dev.chaperone.agent.coach.CoachingDesk;
import dev.chaperone.agent.ipc.IpcServer;
import dev.chaperone.model.ipc.IpcPath;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The coaching desk of a running agent and the socket at which it is answered. */
final class CoachingService implements AutoCloseable {
    private final CoachingDesk desk;
    private final @Nullable IpcServer server;

    private CoachingService(CoachingDesk desk, @Nullable IpcServer server) {
        this.desk = desk;
        this.server = server;
    }

    /** Without a usable socket path nobody can be asked: every question takes on-timeout. */
    static CoachingService start(DataFolder folder, InstantSource clock) throws IOException {
        CoachingDesk desk = new CoachingDesk(clock);
        Optional<Path> path =
                IpcPath.of(
                        folder.path(), DataFolder.resolve(null), System.getenv("XDG_RUNTIME_DIR"));
        return new CoachingService(
                desk, path.isPresent() ? IpcServer.start(path.get(), desk) : null);
    }

    CoachingDesk desk() {
        return desk;
    }

    Optional<Path> socket() {
        return Optional.ofNullable(server).map(IpcServer::path);
    }

    /** What is held takes its rule's on-timeout; nobody is asked any more. */
    @Override
    public void close() {
        desk.close();
        if (server != null) {
            server.close();
        }
    }
}
