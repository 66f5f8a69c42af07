// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import dev.chaperone.inspector.catalogue.EndpointMatch;
import dev.chaperone.inspector.http.RequestHead;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpObject;
import io.netty.util.ReferenceCountUtil;

/**
 * What a connection becomes after 101 (RFC 9110 §7.8): a WebSocket whose messages are read where
 * the catalogue declares them, else a tunnel that is counted as not inspected.
 */
final class UpgradedConnection {
    private UpgradedConnection() {}

    /** Replaces the HTTP codecs of both channels; bytes they already hold are handed on. */
    static void install(ProxyContext proxy, Channel client, ExchangeFlow exchange) {
        Channel upstream = exchange.upstreamChannel();
        RequestHead head = exchange.head();
        if (upstream == null || head == null) {
            client.close();
            return;
        }
        EndpointMatch match = exchange.match();
        if (match != null && head.isWebSocketUpgrade()) {
            WebSocketRelay.install(proxy, exchange.session(), head, match, client, upstream);
        } else {
            if (exchange.session().opened()) {
                proxy.counters().unknownEndpoints.increment();
                proxy.gate().passedUnmatched(exchange.knownExchange(), 0);
            }
            Tunnel.join(client, upstream);
        }
        removeHttp(client.pipeline());
        removeHttp(upstream.pipeline());
        client.config().setAutoRead(true);
        upstream.config().setAutoRead(true);
    }

    private static void removeHttp(ChannelPipeline pipeline) {
        pipeline.addAfter("leg", "http-rest", new HttpRest());
        // The decoder last: what it still holds belongs to the handlers behind it.
        pipeline.remove("leg");
        pipeline.remove("http-encoder");
        pipeline.remove("http-decoder");
    }

    /** Drops what the HTTP decoder says after the 101: the end of a message that has no body. */
    private static final class HttpRest extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            if (msg instanceof HttpObject) {
                ReferenceCountUtil.release(msg);
            } else {
                ctx.fireChannelRead(msg);
            }
        }
    }
}
