// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import dev.chaperone.inspector.ProxySettings;
import dev.chaperone.inspector.ProxySettings.ConnectTo;
import dev.chaperone.inspector.UpstreamProxy;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.KeepRegistered;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Opens upstream TCP connections on the client's event loop, by the company's proxy if there is one
 * ({@link ConnectTunnel}). DNS runs on a virtual thread. Thread-safe.
 */
public final class TcpConnector implements Connector {
    private static final int HTTP = 80;

    private final ProxySettings settings;
    private final Class<? extends Channel> channelType;
    private final Executor blocking;
    private final OwnConnections own;

    /**
     * @param own told of each connection before a byte is sent on it
     */
    public TcpConnector(
            ProxySettings settings,
            Class<? extends Channel> channelType,
            Executor blocking,
            OwnConnections own) {
        this.settings = settings;
        this.channelType = channelType;
        this.blocking = blocking;
        this.own = own;
    }

    /** Connects to {@code host:port}, or where {@code --connect-to} sends it. */
    @Override
    public Future<Channel> connect(
            EventLoop loop, String host, int port, Supplier<ChannelHandler> initial) {
        return connect(loop, host, port, initial, true);
    }

    @Override
    public Future<Channel> connectPlain(
            EventLoop loop, String host, int port, Supplier<ChannelHandler> initial) {
        return connect(loop, host, port, initial, false);
    }

    /** Proxies seldom allow CONNECT to port 80. */
    @Override
    public String plainTarget(String host, int port) {
        boolean forwarded = replacement(host, port).isEmpty() && wayOut(host).isPresent();
        String authority = UpstreamProxy.authority(host, port);
        return forwarded
                ? "http://" + (port == HTTP ? authority.replaceFirst(":80$", "") : authority)
                : "";
    }

    private Optional<ConnectTo> replacement(String host, int port) {
        return settings.connectTo().stream().filter(r -> r.covers(host, port)).findFirst();
    }

    private Optional<UpstreamProxy> wayOut(String host) {
        return settings.upstreamProxy().filter(p -> p.leadsTo(host));
    }

    private Future<Channel> connect(
            EventLoop loop,
            String host,
            int port,
            Supplier<ChannelHandler> initial,
            boolean tunnel) {
        Promise<Channel> promise = loop.newPromise();
        Optional<ConnectTo> replaced = replacement(host, port);
        Optional<UpstreamProxy> proxy = replaced.isPresent() ? Optional.empty() : wayOut(host);
        Way way;
        if (proxy.isPresent()) {
            if (!ConnectTunnel.canName(host)) {
                return promise.setFailure(new UnknownHostException("not a host name"));
            }
            way =
                    new Way(
                            proxy.get().host(),
                            proxy.get().port(),
                            true,
                            tunnel,
                            tunnel
                                    ? () ->
                                            new ConnectTunnel(
                                                    host,
                                                    port,
                                                    initial.get(),
                                                    settings.connectTimeout(),
                                                    promise)
                                    : initial,
                            promise);
        } else {
            String toHost = replaced.map(ConnectTo::toHost).filter(h -> !h.isEmpty()).orElse(host);
            int toPort = replaced.map(ConnectTo::toPort).filter(p -> p != 0).orElse(port);
            way = new Way(toHost, toPort, false, false, initial, promise);
        }
        blocking.execute(() -> resolve(loop, way));
        return promise;
    }

    /**
     * One connection to be made.
     *
     * @param proxied whether host and port are the company's proxy's
     * @param tunnel whether {@code first} makes tunnels, which complete the promise by themselves
     * @param first makes a channel's first handler: each address that is tried has its own channel
     */
    private record Way(
            String host,
            int port,
            boolean proxied,
            boolean tunnel,
            Supplier<ChannelHandler> first,
            Promise<Channel> promise) {
        void failed(Throwable cause) {
            boolean ignored =
                    promise.tryFailure(
                            proxied ? ProxyRefusedException.dead("cannot be reached") : cause);
        }
    }

    private void resolve(EventLoop loop, Way way) {
        InetAddress[] addresses;
        try {
            addresses = InetAddress.getAllByName(way.host());
        } catch (UnknownHostException e) {
            way.failed(e);
            return;
        }
        loop.execute(() -> attempt(loop, addresses, 0, way));
    }

    /**
     * Tries the addresses in the resolver's order (RFC 6724): a dead IPv6 route must not hide a
     * living IPv4 one.
     */
    private void attempt(EventLoop loop, InetAddress[] addresses, int index, Way way) {
        Bootstrap bootstrap =
                new Bootstrap()
                        .group(loop)
                        .channel(channelType)
                        .option(ChannelOption.TCP_NODELAY, true)
                        .option(ChannelOption.AUTO_READ, false)
                        .option(
                                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                                (int) settings.connectTimeout().toMillis())
                        .handler(way.first().get());
        bootstrap
                .connect(new InetSocketAddress(addresses[index], way.port()))
                .addListener(f -> {
                    if (f.isSuccess()) {
                        Channel channel = ((io.netty.channel.ChannelFuture) f).channel();
                        KeepRegistered.on(channel);
                        own.add(channel.localAddress(), channel.remoteAddress());
                        if (!way.tunnel() && !way.promise().trySuccess(channel)) {
                            channel.close();
                        }
                    } else if (index + 1 < addresses.length) {
                        attempt(loop, addresses, index + 1, way);
                    } else {
                        way.failed(f.cause());
                    }
                });
    }
}
