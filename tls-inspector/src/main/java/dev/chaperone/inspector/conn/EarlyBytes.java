// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Stands in for a codec until the TLS handshake is done, on either side. Keeps what comes with its
 * last bytes: an HTTP/2 server's SETTINGS are in the same read. Hands everything on when it is
 * removed.
 */
final class EarlyBytes extends ChannelInboundHandlerAdapter {
    static final String NAME = "early";

    private final Deque<Object> kept = new ArrayDeque<>();

    /** Gives what was kept to the handlers that were added since. */
    static void handOn(ChannelPipeline pipeline) {
        if (pipeline.get(NAME) != null) {
            pipeline.remove(NAME);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        kept.add(msg);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (kept.isEmpty()) {
            return;
        }
        while (!kept.isEmpty()) {
            ctx.fireChannelRead(kept.remove());
        }
        ctx.fireChannelReadComplete();
    }

    /** A failed handshake: its future tells it as well. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        kept.forEach(ReferenceCountUtil::release);
        kept.clear();
        ctx.fireChannelInactive();
    }
}
