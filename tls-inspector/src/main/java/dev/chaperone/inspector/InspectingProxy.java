// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector;

import dev.chaperone.inspector.conn.ClientProcesses;
import dev.chaperone.inspector.conn.FrontHandler;
import dev.chaperone.inspector.conn.HeldExchanges;
import dev.chaperone.inspector.conn.IssuedTokens;
import dev.chaperone.inspector.conn.OwnConnections;
import dev.chaperone.inspector.conn.ProxyContext;
import dev.chaperone.inspector.conn.ProxyCounters;
import dev.chaperone.inspector.conn.TcpConnector;
import dev.chaperone.inspector.tls.OpenHosts;
import dev.chaperone.inspector.tls.TlsEngines;
import dev.chaperone.inspector.tls.UpstreamAnchors;
import dev.chaperone.inspector.tls.UpstreamTrust;
import dev.chaperone.pki.ServiceCertificates;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.KeepRegistered;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * The proxy: listens, accepts and hands each connection to {@link FrontHandler}. The path of a
 * prompt:
 *
 * <pre>
 *   FrontHandler ─▶ Interception ─▶ Http1ClientLeg | Http2ClientLeg ─▶ ExchangeFlow ─▶ PromptInspection ─▶ PromptGate
 *        └▶ Tunnel                                                       └▶ Http1UpstreamLeg | Http2UpstreamLeg
 * </pre>
 */
public final class InspectingProxy implements AutoCloseable {
    private static final int BACKLOG = 1024;
    private static final int EVENT_LOOPS = 2;

    private final ProxySettings settings;
    private final EventLoopGroup loops;
    private final ExecutorService blocking;
    private final HeldExchanges held = new HeldExchanges();
    private final OwnConnections own = new OwnConnections();
    private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final ProxyContext context;
    private final UpstreamTrust trust;
    private final boolean epoll;
    private final Channel listener;

    /**
     * Starts listening.
     *
     * @param hosts what is opened; asked once per connection, so that a new policy holds for the
     *     next one
     * @throws IOException when the port is taken or the address is not ours; the message names
     *     neither prompt nor path
     */
    public InspectingProxy(
            ProxySettings settings,
            Supplier<OpenHosts> hosts,
            PromptGate gate,
            ServiceCertificates certificates,
            ClientProcesses processes)
            throws IOException {
        this.settings = settings;
        this.epoll = settings.nativeTransport() && Epoll.isAvailable();
        IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        this.loops = new MultiThreadIoEventLoopGroup(EVENT_LOOPS, io);
        this.blocking = Executors.newVirtualThreadPerTaskExecutor();
        this.trust =
                new UpstreamTrust(
                        settings.trustBundle(), settings.extraTrust(), certificates::authorities);
        this.context =
                new ProxyContext(
                        settings,
                        hosts,
                        gate,
                        new TlsEngines(trust, settings.nativeTls()),
                        certificates,
                        new TcpConnector(
                                settings,
                                epoll ? EpollSocketChannel.class : NioSocketChannel.class,
                                blocking,
                                own),
                        processes,
                        blocking,
                        new AtomicLong(),
                        new ProxyCounters(),
                        new IssuedTokens());
        this.listener = listen();
    }

    private Channel listen() throws IOException {
        Class<? extends ServerChannel> type =
                epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
        ServerBootstrap bootstrap =
                new ServerBootstrap()
                        .group(loops)
                        .channel(type)
                        .option(ChannelOption.SO_BACKLOG, BACKLOG)
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(
                                ChannelOption.WRITE_BUFFER_WATER_MARK,
                                new WriteBufferWaterMark(64 * 1024, 256 * 1024))
                        .childHandler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        KeepRegistered.on(channel);
                                        channels.add(channel);
                                        channel.pipeline().addLast(new FrontHandler(context, held));
                                    }
                                });
        var binding =
                bootstrap.bind(new InetSocketAddress(settings.listenHost(), settings.listenPort()));
        binding.awaitUninterruptibly();
        if (!binding.isSuccess()) {
            var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw new IOException(
                    "cannot listen on " + settings.listenHost() + ":" + settings.listenPort(),
                    binding.cause());
        }
        return binding.channel();
    }

    /** Where the proxy listens. */
    public InetSocketAddress address() {
        return (InetSocketAddress) listener.localAddress();
    }

    /** Which anchors vouched for the upstreams of opened hosts lately. */
    public UpstreamAnchors upstreamAnchors() {
        return trust.seen();
    }

    /** What the proxy did since it started. */
    public Map<String, Long> counters() {
        return context.counters().snapshot();
    }

    /** The connections to services that the proxy opened. */
    public OwnConnections ownConnections() {
        return own;
    }

    /** {@code boringssl} or {@code jdk}. */
    public String engine() {
        return context.engines().name();
    }

    public boolean postQuantum() {
        return context.engines().postQuantum();
    }

    /** {@code epoll} or {@code nio}. */
    public String transport() {
        return epoll ? "epoll" : "nio";
    }

    /**
     * Stops: accepts no more, waits up to the drain timeout for held requests, gives the rest their
     * fail verdict, lets what was written flush and closes.
     */
    @Override
    public void close() {
        listener.close().awaitUninterruptibly();
        long deadline = System.nanoTime() + settings.drainTimeout().toNanos();
        try {
            while (!held.isEmpty() && System.nanoTime() < deadline) {
                TimeUnit.MILLISECONDS.sleep(20);
            }
            if (!held.isEmpty()) {
                held.stopHolding();
                TimeUnit.MILLISECONDS.sleep(200);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        channels.close().awaitUninterruptibly(1000);
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(1500);
        blocking.shutdownNow();
    }
}
