// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import dev.chaperone.inspector.ProxySettings;
import dev.chaperone.inspector.ProxySettings.ConnectTo;
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
import java.util.concurrent.Executor;

/**
 * Opens upstream TCP connections on the client's event loop. DNS runs on a virtual thread.
 * Thread-safe.
 */
public final class TcpConnector implements Connector {
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
    public Future<Channel> connect(EventLoop loop, String host, int port, ChannelHandler initial) {
        Promise<Channel> promise = loop.newPromise();
        String toHost = host;
        int toPort = port;
        for (ConnectTo rule : settings.connectTo()) {
            if (rule.covers(host, port)) {
                toHost = rule.toHost().isEmpty() ? host : rule.toHost();
                toPort = rule.toPort() == 0 ? port : rule.toPort();
                break;
            }
        }
        String name = toHost;
        int number = toPort;
        blocking.execute(() -> resolve(loop, name, number, initial, promise));
        return promise;
    }

    private void resolve(
            EventLoop loop,
            String host,
            int port,
            ChannelHandler initial,
            Promise<Channel> promise) {
        InetAddress[] addresses;
        try {
            addresses = InetAddress.getAllByName(host);
        } catch (UnknownHostException e) {
            promise.tryFailure(e);
            return;
        }
        loop.execute(() -> attempt(loop, addresses, 0, port, initial, promise));
    }

    /**
     * Tries the addresses in the resolver's order (RFC 6724): a dead IPv6 route must not hide a
     * living IPv4 one.
     */
    private void attempt(
            EventLoop loop,
            InetAddress[] addresses,
            int index,
            int port,
            ChannelHandler initial,
            Promise<Channel> promise) {
        Bootstrap bootstrap =
                new Bootstrap()
                        .group(loop)
                        .channel(channelType)
                        .option(ChannelOption.TCP_NODELAY, true)
                        .option(ChannelOption.AUTO_READ, false)
                        .option(
                                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                                (int) settings.connectTimeout().toMillis())
                        .handler(initial);
        bootstrap
                .connect(new InetSocketAddress(addresses[index], port))
                .addListener(f -> {
                    if (f.isSuccess()) {
                        Channel channel = ((io.netty.channel.ChannelFuture) f).channel();
                        KeepRegistered.on(channel);
                        own.add(channel.localAddress(), channel.remoteAddress());
                        if (!promise.trySuccess(channel)) {
                            channel.close();
                        }
                    } else if (index + 1 < addresses.length) {
                        attempt(loop, addresses, index + 1, port, initial, promise);
                    } else {
                        promise.tryFailure(f.cause());
                    }
                });
    }
}
