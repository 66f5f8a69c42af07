// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Keeps what a service sends before its codec is there: an HTTP/2 server's SETTINGS come in the
 * same read as the end of its TLS handshake. Hands everything on when it is removed.
 */
final class EarlyBytes extends ChannelInboundHandlerAdapter {
    static final String NAME = "early";

    private final Deque<Object> kept = new ArrayDeque<>();

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

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        kept.forEach(ReferenceCountUtil::release);
        kept.clear();
        ctx.fireChannelInactive();
    }
}
