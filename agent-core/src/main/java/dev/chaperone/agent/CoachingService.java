// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import dev.chaperone.agent.coach.CoachingDesk;
import dev.chaperone.agent.config.AgentConfig;
import dev.chaperone.agent.ipc.IpcServer;
import dev.chaperone.agent.ipc.UserViews;
import dev.chaperone.model.ipc.IpcPath;
import dev.chaperone.model.ipc.Notice;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The coaching desk of a running agent and the socket at which it is answered. */
final class CoachingService implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(CoachingService.class.getName());

    private final CoachingDesk desk;
    private final @Nullable IpcServer server;

    private CoachingService(CoachingDesk desk, @Nullable IpcServer server) {
        this.desk = desk;
        this.server = server;
    }

    /**
     * Without a usable socket path nobody can be asked: every question takes on-timeout. So it is
     * on Windows, too: who is at the other end of a socket cannot be known there, and what cannot
     * be guarded is not opened.
     *
     * @param views what a user may see besides questions
     */
    static CoachingService start(
            DataFolder folder, AgentConfig config, UserViews views, InstantSource clock)
            throws IOException {
        CoachingDesk desk = new CoachingDesk(clock);
        Optional<Path> path =
                config.socket()
                        .or(() ->
                                IpcPath.of(
                                        folder.path(),
                                        DataFolder.resolve(null),
                                        System.getenv("XDG_RUNTIME_DIR")))
                        .filter(CoachingService::hasOwners);
        if (path.isEmpty()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "no socket for user interfaces here: every question takes its on-timeout");
        }
        return new CoachingService(
                desk,
                path.isPresent()
                        ? IpcServer.start(path.get(), desk, views, config.socketForEveryUser())
                        : null);
    }

    private static boolean hasOwners(Path socket) {
        return socket.getFileSystem().supportedFileAttributeViews().contains("unix");
    }

    /** Tells a user's interfaces, if there are any. */
    void tell(long uid, Notice notice) {
        if (server != null) {
            server.tell(uid, notice);
        }
    }

    /** Looks at every condition anew for the interfaces that are open. */
    void examine() {
        if (server != null) {
            server.examine();
        }
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
