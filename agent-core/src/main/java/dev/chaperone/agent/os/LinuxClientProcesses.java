// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.os;

import dev.chaperone.inspector.conn.ClientProcesses;
import dev.chaperone.model.prompt.ClientProcess;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds the owner of a loopback connection in {@code /proc} (proc(5)): the socket's inode and uid
 * in {@code /proc/net/tcp{,6}}, then the process that holds it. The last owners are tried first,
 * since one program opens many connections; a whole walk costs milliseconds. Thread-safe.
 */
public final class LinuxClientProcesses implements ClientProcesses {
    private static final int RECENT = 8;

    /** The program may end, or hand its socket to a child, while it is looked for. */
    private static final int ATTEMPTS = 2;

    /** The inode of a socket that its program closed. */
    private static final long CLOSED = 0;

    private final Path proc;
    private final Optional<SocketDiagnostics> kernel;
    private final Deque<Long> recent = new ArrayDeque<>();

    public LinuxClientProcesses() {
        this(Path.of("/proc"), SocketDiagnostics.open());
    }

    /**
     * @param kernel empty to read the connection tables of {@code /proc}
     */
    LinuxClientProcesses(Path proc, Optional<SocketDiagnostics> kernel) {
        this.proc = proc;
        this.kernel = kernel;
    }

    @Override
    public ClientProcess owner(InetSocketAddress client, InetSocketAddress proxy) {
        ClientProcess best = ClientProcess.UNKNOWN;
        for (int i = 0; i < ATTEMPTS && best.executable() == null; i++) {
            Optional<SocketDiagnostics.Owner> socket = socket(client, proxy);
            if (socket.isEmpty() || socket.get().inode() == CLOSED) {
                return best;
            }
            best = holder(socket.get());
        }
        return best;
    }

    private Optional<SocketDiagnostics.Owner> socket(
            InetSocketAddress client, InetSocketAddress proxy) {
        return kernel.isPresent()
                ? kernel.get()
                        .owner(
                                client.getAddress(),
                                client.getPort(),
                                proxy.getAddress(),
                                proxy.getPort())
                : table(
                        List.of("net/tcp", "net/tcp6"),
                        ":%04X".formatted(client.getPort()),
                        ":%04X".formatted(proxy.getPort()));
    }

    /**
     * The process that sends datagrams from a port. Where several share the port, one of them.
     *
     * @param client our end
     */
    public ClientProcess sender(InetSocketAddress client) {
        // Whether the other end stands in the table is up to the program: connect(2) or sendto(2).
        return table(List.of("net/udp", "net/udp6"), ":%04X".formatted(client.getPort()), "")
                .map(this::holder)
                .orElse(ClientProcess.UNKNOWN);
    }

    /**
     * The process that accepts connections on a port, whatever it is. Its program is known to its
     * own user and to root only.
     *
     * @param at a resolved address
     */
    public ClientProcess listener(InetSocketAddress at) {
        byte[] address = at.getAddress().getAddress();
        for (byte[] bound : List.of(address, new byte[address.length])) {
            Optional<SocketDiagnostics.Owner> socket =
                    table(
                            List.of("net/tcp", "net/tcp6"),
                            "%s:%04X".formatted(words(bound), at.getPort()),
                            ":0000"); // the other end of what listens
            if (socket.isPresent()) {
                return holder(socket.get());
            }
        }
        return ClientProcess.UNKNOWN;
    }

    /** As proc_net_tcp(5) writes an address: words of four bytes in the machine's order. */
    private static String words(byte[] address) {
        StringBuilder all = new StringBuilder();
        ByteBuffer bytes = ByteBuffer.wrap(address).order(ByteOrder.nativeOrder());
        while (bytes.hasRemaining()) {
            all.append("%08X".formatted(bytes.getInt()));
        }
        return all.toString();
    }

    private ClientProcess holder(SocketDiagnostics.Owner socket) {
        try {
            long pid = pidOf("socket:[" + socket.inode() + "]", socket.uid());
            return new ClientProcess(
                    pid, socket.uid(), pid < 0 ? null : executable(pid).orElse(null));
        } catch (IOException | DirectoryIteratorException e) {
            // No /proc: the program stays unknown and the event says so.
            return new ClientProcess(-1, socket.uid(), null);
        }
    }

    /**
     * The slow way, for datagrams and where netlink is not allowed: the connection tables of {@code
     * /proc}.
     */
    private Optional<SocketDiagnostics.Owner> table(
            List<String> tables, String local, String remote) {
        try {
            for (String table : tables) {
                for (String line : Files.readAllLines(proc.resolve(table))) {
                    String[] f = line.strip().split("\\s+");
                    if (f.length > 9
                            && f[1].endsWith(local)
                            && f[2].endsWith(remote)
                            && !f[9].equals("0")) {
                        return Optional.of(
                                new SocketDiagnostics.Owner(
                                        Long.parseLong(f[7]), Long.parseLong(f[9])));
                    }
                }
            }
        } catch (IOException | NumberFormatException e) {
            // No /proc, or a line of another kernel.
        }
        return Optional.empty();
    }

    private long pidOf(String socket, long uid) throws IOException {
        for (long pid : recentPids()) {
            if (holds(proc.resolve(Long.toString(pid)), socket)) {
                return pid;
            }
        }
        // The kernel gives root what a user's program must not show others (prctl(2), not
        // dumpable),
        // and a program may have changed its user since: the rest is asked last.
        for (boolean owned : List.of(true, false)) {
            long pid = walk(socket, uid, owned);
            if (pid >= 0) {
                remember(pid);
                return pid;
            }
        }
        return -1;
    }

    private long walk(String socket, long uid, boolean owned) throws IOException {
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[0-9]*")) {
            for (Path process : processes) {
                if (belongsTo(process, uid) == owned && holds(process, socket)) {
                    return Long.parseLong(process.getFileName().toString());
                }
            }
        }
        return -1;
    }

    private static boolean belongsTo(Path process, long uid) {
        try {
            Object owner = Files.getAttribute(process, "unix:uid");
            return ((Number) owner).longValue() == uid;
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return Files.getFileAttributeView(process, PosixFileAttributeView.class) != null;
        }
    }

    private static boolean holds(Path process, String socket) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path file : files) {
                if (leadsTo(file, socket)) {
                    return true;
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // Ended meanwhile, or not ours to read.
        }
        return false;
    }

    private static boolean leadsTo(Path file, String socket) {
        try {
            return Files.readSymbolicLink(file).toString().equals(socket);
        } catch (IOException e) {
            return false; // a busy program closed this one meanwhile; the socket may be the next
        }
    }

    private Optional<String> executable(long pid) {
        try {
            String executable = Files.readSymbolicLink(proc.resolve(pid + "/exe")).toString();
            return Optional.of(Scripts.of(executable, arguments(pid)).orElse(executable));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private List<String> arguments(long pid) {
        try {
            byte[] line = Files.readAllBytes(proc.resolve(pid + "/cmdline"));
            return List.of(new String(line, StandardCharsets.UTF_8).split("\0"));
        } catch (IOException e) {
            return List.of();
        }
    }

    private synchronized List<Long> recentPids() {
        return List.copyOf(recent);
    }

    private synchronized void remember(long pid) {
        recent.remove(pid);
        recent.addFirst(pid);
        if (recent.size() > RECENT) {
            recent.removeLast();
        }
    }

    /** For this operating system, or one that knows nothing where none is built. */
    public static ClientProcesses forThisSystem() {
        return System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("linux")
                ? new LinuxClientProcesses()
                : (_, _) -> ClientProcess.UNKNOWN;
    }
}
