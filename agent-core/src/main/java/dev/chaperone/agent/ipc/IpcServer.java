// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.ipc;

import dev.chaperone.agent.coach.CoachingDesk;
import dev.chaperone.model.ipc.Ipc;
import dev.chaperone.model.ipc.Notice;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.PeerCredentials;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongPredicate;

/**
 * Listens on a Unix domain socket and speaks JSON-RPC 2.0, one object a line. A foreground agent
 * serves its own user and root (mode 0600); the machine's service serves every user, each with what
 * concerns that user only. Runs on one event loop; nothing on it blocks.
 */
public final class IpcServer implements AutoCloseable {
    private static final int MAX_CONNECTIONS = 256;
    private static final int MAX_OF_USER = 16;
    private static final WriteBufferWaterMark UNREAD =
            new WriteBufferWaterMark(1 << 20, 4 << 20); // bytes a peer may leave unread

    private static final int EXAMINE_SECONDS = 30;

    private final Path path;
    private final Subscribers subscribers;
    private final EventLoopGroup loop;
    private final Channel listener;

    private IpcServer(Path path, Subscribers subscribers, EventLoopGroup loop, Channel listener) {
        this.path = path;
        this.subscribers = subscribers;
        this.loop = loop;
        this.listener = listener;
    }

    /**
     * Who is let in and who may do what.
     *
     * @param peers who is at the other end
     * @param admitted user ids that are served
     * @param guard who may let something go
     * @param mode of the socket's file, as in {@code rw-------}
     */
    public record Access(
            Function<Channel, Peer> peers, LongPredicate admitted, PeerGuard guard, String mode) {
        /** What the kernel says; the agent's own user and root. */
        public static Access of(long ownUid) {
            return new Access(
                    IpcServer::peer,
                    uid -> uid == ownUid || uid == 0,
                    PeerGuard.byProcessTree(),
                    "rw-------");
        }

        /** What the kernel says; every user of the machine. */
        public static Access ofEveryUser() {
            return new Access(IpcServer::peer, _ -> true, PeerGuard.byProcessTree(), "rw-rw-rw-");
        }
    }

    /**
     * Starts to listen.
     *
     * @param everyUser whether every user is served, or the agent's own only
     * @throws IOException when the socket cannot be made
     */
    public static IpcServer start(Path path, CoachingDesk desk, UserViews views, boolean everyUser)
            throws IOException {
        return start(path, desk, views, everyUser ? Access.ofEveryUser() : Access.of(ownUid(path)));
    }

    static IpcServer start(Path path, CoachingDesk desk, UserViews views, Access access)
            throws IOException {
        Files.deleteIfExists(path); // of an agent that died; a live one holds the folder's lock
        boolean epoll = Epoll.isAvailable();
        EventLoopGroup loop =
                new MultiThreadIoEventLoopGroup(
                        1,
                        new DefaultThreadFactory("ipc", true),
                        epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        Subscribers subscribers = new Subscribers(desk, MAX_CONNECTIONS, MAX_OF_USER);
        ChannelFuture bound =
                new ServerBootstrap()
                        .group(loop)
                        .channel(
                                epoll
                                        ? EpollServerDomainSocketChannel.class
                                        : NioServerDomainSocketChannel.class)
                        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, UNREAD)
                        .childHandler(
                                new ChannelInitializer<>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        channel.pipeline()
                                                .addLast(
                                                        new LineBasedFrameDecoder(
                                                                Ipc.MAX_LINE, true, true))
                                                .addLast(
                                                        new IpcConnection(
                                                                desk, views, subscribers, access));
                                    }
                                })
                        .bind(address(path, epoll))
                        .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw failed(path, loop, bound.cause());
        }
        try {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(access.mode()));
            desk.listen(subscribers);
            loop.scheduleWithFixedDelay(
                    subscribers::examine, EXAMINE_SECONDS, EXAMINE_SECONDS, TimeUnit.SECONDS);
            return new IpcServer(path, subscribers, loop, bound.channel());
        } catch (IOException e) {
            throw failed(path, loop, e);
        }
    }

    private static IOException failed(Path path, EventLoopGroup loop, Throwable cause) {
        loop.shutdownGracefully();
        return new IOException(
                "socket " + path + " cannot be made; check its folder, or give another --data-dir",
                cause);
    }

    private static SocketAddress address(Path path, boolean epoll) {
        return epoll ? new DomainSocketAddress(path.toFile()) : UnixDomainSocketAddress.of(path);
    }

    private static long ownUid(Path path) throws IOException {
        Path folder = path.toAbsolutePath().getParent();
        Path probe = Files.createTempFile(folder, "uid", null); // made by us, hence owned by us
        try {
            return ((Number) Files.getAttribute(probe, "unix:uid")).longValue();
        } finally {
            Files.delete(probe);
        }
    }

    private static Peer peer(Channel channel) {
        if (channel instanceof EpollDomainSocketChannel domain) {
            try {
                PeerCredentials credentials = domain.peerCredentials();
                return new Peer(credentials.pid(), credentials.uid());
            } catch (IOException e) {
                return Peer.UNKNOWN; // gone already: not served
            }
        }
        return Peer.UNKNOWN;
    }

    /** Tells a user's interfaces. Any thread, at once. */
    public void tell(long uid, Notice notice) {
        subscribers.tell(uid, notice);
    }

    /** Looks at every condition for who is connected, now. Any thread, at once. */
    public void examine() {
        subscribers.examine();
    }

    public Path path() {
        return path;
    }

    @Override
    public void close() {
        if (loop.isShuttingDown()) {
            return;
        }
        listener.close().syncUninterruptibly();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // A socket that nobody listens on; the next start removes it.
        }
    }
}
