// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.launcher;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One interface for each user and agent: a lock file says who it is, a socket beside it takes what
 * a second one was asked to show. They lie beside the agent's socket, or in a folder of the user's
 * own where that is the machine's, which serves every user.
 */
final class SingleInstance implements AutoCloseable {
    private static final int MAX_REQUEST = 32;
    private static final System.Logger LOG = System.getLogger(SingleInstance.class.getName());

    private final FileChannel lockFile;
    private final @Nullable ServerSocketChannel listener;
    private final Path address;

    private SingleInstance(
            FileChannel lockFile, @Nullable ServerSocketChannel listener, Path address) {
        this.lockFile = lockFile;
        this.listener = listener;
        this.address = address;
    }

    /**
     * Takes the place of the one interface. Empty when another has it.
     *
     * @param place of the lock, as {@link #place} says
     * @param shown told on a thread of its own what a second interface was asked for
     * @throws IOException when its folder cannot be written
     */
    static Optional<SingleInstance> claim(Path place, Consumer<Options.Show> shown)
            throws IOException {
        Files.createDirectories(place.toAbsolutePath().getParent());
        FileChannel file =
                FileChannel.open(
                        place.resolveSibling(place.getFileName() + ".ui-lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
        FileLock lock = file.tryLock();
        if (lock == null) {
            file.close();
            return Optional.empty();
        }
        Path address = address(place);
        Files.deleteIfExists(address); // of one that ended badly: we have the lock
        ServerSocketChannel listener = listen(address, shown);
        return Optional.of(new SingleInstance(file, listener, address));
    }

    /**
     * Where the lock for an agent lies.
     *
     * @param agent its socket
     * @param runtimeDir value of {@code XDG_RUNTIME_DIR}, or null
     * @param home the user's folder
     */
    static Path place(Path agent, @Nullable String runtimeDir, Path home) {
        Path folder = agent.toAbsolutePath().getParent();
        if (folder == null || !Files.exists(folder) || Files.isWritable(folder)) {
            return agent;
        }
        Path own =
                runtimeDir != null && Files.isDirectory(Path.of(runtimeDir))
                        ? Path.of(runtimeDir)
                        : home.resolve(".local/share/chaperone");
        return own.resolve("chaperone-ui-" + Integer.toHexString(agent.toString().hashCode()));
    }

    private static Path address(Path place) {
        return place.resolveSibling(place.getFileName() + ".ui");
    }

    /** Null where the path is too long for a socket: a second interface then says so and ends. */
    private static @Nullable ServerSocketChannel listen(
            Path address, Consumer<Options.Show> shown) {
        try {
            ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            listener.bind(UnixDomainSocketAddress.of(address));
            if (Files.getFileStore(address).supportsFileAttributeView("posix")) {
                Files.setPosixFilePermissions(
                        address, PosixFilePermissions.fromString("rw-------"));
            }
            Thread thread = new Thread(() -> serve(listener, shown), "second-instance");
            thread.setDaemon(true);
            thread.start();
            return listener;
        } catch (IOException e) {
            return null;
        }
    }

    private static void serve(ServerSocketChannel listener, Consumer<Options.Show> shown) {
        while (listener.isOpen()) {
            try {
                SocketChannel peer = listener.accept();
                // One that says nothing holds up no other.
                Thread.startVirtualThread(() -> hear(peer, shown));
            } catch (IOException e) {
                return; // closed, or no more files: a second interface then says so and ends
            }
        }
    }

    private static void hear(SocketChannel peer, Consumer<Options.Show> shown) {
        try (peer) {
            ByteBuffer request = ByteBuffer.allocate(MAX_REQUEST);
            peer.read(request);
            String name =
                    new String(request.array(), 0, request.position(), StandardCharsets.US_ASCII);
            for (Options.Show show : Options.Show.values()) {
                if (name.equals(word(show))) {
                    shown.accept(show);
                }
            }
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.DEBUG,
                    "a second interface left: " + e.getClass().getSimpleName());
        }
    }

    private static String word(Options.Show show) {
        return show.name().toLowerCase(Locale.ROOT) + "\n";
    }

    /** Asks the one interface to show something; false when it cannot be asked. */
    static boolean ask(Path place, Options.Show show) {
        try (SocketChannel other = SocketChannel.open(UnixDomainSocketAddress.of(address(place)))) {
            other.write(ByteBuffer.wrap(word(show).getBytes(StandardCharsets.US_ASCII)));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        try {
            if (listener != null) {
                listener.close();
                Files.deleteIfExists(address);
            }
            lockFile.close();
        } catch (IOException e) {
            // They go with the process.
        }
    }
}
