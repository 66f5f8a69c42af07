// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.function.Supplier;

/** Opens connections to services. Thread-safe. */
@FunctionalInterface
public interface Connector {
    /**
     * Connects to a service.
     *
     * @param loop the client's event loop, which the connection shares
     * @param initial makes the first handler of a channel; each address of the host that is tried
     *     has a channel of its own
     * @return completed on {@code loop} with a channel that does not read yet; fails with an
     *     IOException that quotes nothing of the request
     */
    Future<Channel> connect(
            EventLoop loop, String host, int port, Supplier<ChannelHandler> initial);

    /** The same for requests over plain HTTP, each target {@link #plainTarget}'s. */
    default Future<Channel> connectPlain(
            EventLoop loop, String host, int port, Supplier<ChannelHandler> initial) {
        return connect(loop, host, port, initial);
    }

    /**
     * What stands before the path in a plain request: nothing, or the absolute form's beginning
     * where a company's proxy takes it (RFC 9112 §3.2.2).
     */
    default String plainTarget(String host, int port) {
        return "";
    }
}
