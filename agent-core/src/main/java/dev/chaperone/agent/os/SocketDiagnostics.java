// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.os;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * Asks the Linux kernel who owns one TCP connection, by netlink (sock_diag(7), inet_diag). One
 * exact query costs microseconds; {@code /proc/net/tcp} walks every bucket of the kernel's table
 * and costs milliseconds of CPU (measured here: 12 ms). Native calls by the foreign function
 * interface; a lock keeps question and answer together. Thread-safe.
 */
@SuppressWarnings("restricted") // native calls are what this class is for
final class SocketDiagnostics implements AutoCloseable {
    /**
     * Who owns a socket.
     *
     * @param uid user id
     * @param inode the number that {@code /proc/PID/fd} links name; 0 once the program closed the
     *     socket, and then the uid means nothing
     */
    record Owner(long uid, long inode) {}

    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
    private static final int NETLINK_SOCK_DIAG = 4;
    private static final short SOCK_DIAG_BY_FAMILY = 20;
    private static final short NLM_F_REQUEST = 1;
    private static final byte AF_INET = 2;
    private static final byte AF_INET6 = 10;
    private static final byte IPPROTO_TCP = 6;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int HEADER = 16;
    private static final int TYPE_AT = 4;
    private static final int SEQUENCE_AT = 8;
    private static final int REQUEST = HEADER + 56;
    private static final int REPLY = 4096;
    private static final int UID_AT = HEADER + 4 + 48 + 12;
    private static final int INODE_AT = UID_AT + 4;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment request = arena.allocate(REQUEST);
    private final MemorySegment reply = arena.allocate(REPLY);
    private final MethodHandle send;
    private final MethodHandle receive;
    private final MethodHandle closeCall;
    private final int socket;
    private int sequence;

    private SocketDiagnostics() throws Throwable {
        Linker linker = Linker.nativeLinker();
        MethodHandle open =
                call(
                        linker,
                        "socket",
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT);
        FunctionDescriptor transfer =
                FunctionDescriptor.of(
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT);
        send = linker.downcallHandle(linker.defaultLookup().findOrThrow("send"), transfer);
        receive = linker.downcallHandle(linker.defaultLookup().findOrThrow("recv"), transfer);
        closeCall = call(linker, "close", ValueLayout.JAVA_INT);
        socket = (int) open.invokeExact(AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_SOCK_DIAG);
        if (socket < 0) {
            throw new IllegalStateException("no netlink socket");
        }
    }

    private static MethodHandle call(Linker linker, String name, ValueLayout... arguments) {
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments));
    }

    /** Empty where the kernel or a sandbox does not allow it. */
    static Optional<SocketDiagnostics> open() {
        try {
            return Optional.of(new SocketDiagnostics()).filter(SocketDiagnostics::works);
        } catch (
                Throwable
                        e) { // MethodHandle.invokeExact declares it; whatever it is, /proc is asked
            // instead
            return Optional.empty();
        }
    }

    /**
     * The owner of the client end of a connection.
     *
     * @param client address and port of the client's end
     * @param proxy address and port of our end
     */
    synchronized Optional<Owner> owner(
            InetAddress client, int clientPort, InetAddress proxy, int proxyPort) {
        ByteBuffer out = request.asByteBuffer().order(ByteOrder.nativeOrder());
        sequence++;
        out.putInt(REQUEST)
                .putShort(SOCK_DIAG_BY_FAMILY)
                .putShort(NLM_F_REQUEST)
                .putInt(sequence)
                .putInt(0);
        out.put(client.getAddress().length == 4 ? AF_INET : AF_INET6)
                .put(IPPROTO_TCP)
                .put((byte) 0)
                .put((byte) 0);
        out.putInt(-1); // every state
        port(out, clientPort);
        port(out, proxyPort);
        address(out, client);
        address(out, proxy);
        out.putInt(0).putInt(-1).putInt(-1); // any interface, no cookie
        try {
            long sent = (long) send.invokeExact(socket, request, (long) REQUEST, 0);
            if (sent != REQUEST) {
                return Optional.empty();
            }
            return answer();
        } catch (Throwable e) { // declared by invokeExact; the owner stays unknown
            return Optional.empty();
        }
    }

    /**
     * Reads the answer to the last question. The kernel queues it before {@code send} returns, so
     * that waiting would mean it is lost; what is left of an earlier question is thrown away.
     */
    private Optional<Owner> answer() throws Throwable {
        while (true) {
            long got = (long) receive.invokeExact(socket, reply, (long) REPLY, MSG_DONTWAIT);
            if (got < HEADER) {
                return Optional.empty();
            }
            ByteBuffer in = reply.asByteBuffer().order(ByteOrder.nativeOrder());
            if (in.getInt(SEQUENCE_AT) == sequence) {
                return parse(in, got);
            }
        }
    }

    private static Optional<Owner> parse(ByteBuffer in, long got) {
        boolean found = got >= INODE_AT + 4 && in.getShort(TYPE_AT) == SOCK_DIAG_BY_FAMILY;
        return found
                ? Optional.of(
                        new Owner(
                                Integer.toUnsignedLong(in.getInt(UID_AT)),
                                Integer.toUnsignedLong(in.getInt(INODE_AT))))
                : Optional.empty();
    }

    /**
     * Whether the kernel tells owners at all. Where its module tcp_diag is neither loaded nor may
     * be, every connection is "not there".
     */
    boolean works() {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ServerSocket listener = new ServerSocket(0, 1, loopback);
                Socket connected = new Socket(loopback, listener.getLocalPort())) {
            return owner(loopback, connected.getLocalPort(), loopback, listener.getLocalPort())
                    .isPresent();
        } catch (IOException e) {
            return false;
        }
    }

    private static void port(ByteBuffer out, int port) {
        out.put((byte) (port >> 8)).put((byte) port); // network order
    }

    private static void address(ByteBuffer out, InetAddress address) {
        byte[] bytes = address.getAddress();
        out.put(bytes);
        out.put(new byte[16 - bytes.length]);
    }

    @Override
    public void close() {
        try {
            int ignored = (int) closeCall.invokeExact(socket);
            assert ignored <= 0;
        } catch (Throwable e) { // declared by invokeExact; the descriptor goes with the process
            return;
        }
        arena.close();
    }
}
