// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.machine;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tells systemd how the service is (sd_notify(3)): a datagram to the socket that {@code
 * NOTIFY_SOCKET} names. By the foreign function interface, as the JDK has no UNIX datagram sockets.
 * Thread-safe.
 */
@SuppressWarnings("restricted") // native calls are what this class is for
public final class ServiceManager {
    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
    private static final int LONGEST_PATH = 107;

    private final String path;
    private final @Nullable Duration watchdog;

    private ServiceManager(String path, @Nullable Duration watchdog) {
        this.path = path;
        this.watchdog = watchdog;
    }

    /**
     * The manager that started this process.
     *
     * @param environment of this process
     * @return empty when none did
     */
    public static Optional<ServiceManager> of(Map<String, String> environment) {
        String path = environment.getOrDefault("NOTIFY_SOCKET", "");
        if (path.length() < 2
                || path.length() > LONGEST_PATH
                || path.charAt(0) != '/' && path.charAt(0) != '@') {
            return Optional.empty();
        }
        String micros = environment.getOrDefault("WATCHDOG_USEC", "");
        Duration watchdog =
                micros.matches("[1-9]\\d{0,15}")
                        ? Duration.ofNanos(Long.parseLong(micros) * 1000)
                        : null;
        return Optional.of(new ServiceManager(path, watchdog));
    }

    /** After how long without {@link #alive} the manager kills the service; empty when never. */
    public Optional<Duration> watchdog() {
        return Optional.ofNullable(watchdog);
    }

    /** The service takes connections. */
    public boolean ready(String status) {
        return send("READY=1\nSTATUS=" + status.replace('\n', ' '));
    }

    public boolean stopping() {
        return send("STOPPING=1");
    }

    public boolean alive() {
        return send("WATCHDOG=1");
    }

    private boolean send(String message) {
        Linker linker = Linker.nativeLinker();
        MethodHandle socket =
                handle(
                        linker,
                        "socket",
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT));
        MethodHandle sendto =
                handle(
                        linker,
                        "sendto",
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_LONG,
                                ValueLayout.JAVA_INT,
                                ValueLayout.ADDRESS,
                                ValueLayout.JAVA_LONG,
                                ValueLayout.JAVA_INT,
                                ValueLayout.ADDRESS,
                                ValueLayout.JAVA_INT));
        MethodHandle close =
                handle(
                        linker,
                        "close",
                        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        try (Arena arena = Arena.ofConfined()) {
            byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
            MemorySegment text = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            MemorySegment address = address(arena);
            int fd = (int) socket.invokeExact(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
            if (fd < 0) {
                return false;
            }
            try {
                long sent =
                        (long)
                                sendto.invokeExact(
                                        fd,
                                        text,
                                        (long) bytes.length,
                                        0,
                                        address,
                                        (int) address.byteSize());
                return sent == bytes.length;
            } finally {
                int ignored = (int) close.invokeExact(fd);
                assert ignored <= 0;
            }
        } catch (Throwable e) { // declared by invokeExact; a manager that is gone waits for nothing
            return false;
        }
    }

    /**
     * A {@code sockaddr_un}: family, then the path; one that begins with @ is abstract (unix(7)).
     */
    private MemorySegment address(Arena arena) {
        byte[] name = path.getBytes(StandardCharsets.UTF_8);
        boolean inAbstract = name[0] == '@';
        if (inAbstract) {
            name[0] = 0;
        }
        int length = Short.BYTES + name.length + (inAbstract ? 0 : 1);
        MemorySegment address = arena.allocate(length, Short.BYTES);
        address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
        MemorySegment.copy(name, 0, address, ValueLayout.JAVA_BYTE, Short.BYTES, name.length);
        return address;
    }

    private static MethodHandle handle(Linker linker, String name, FunctionDescriptor type) {
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
    }
}
