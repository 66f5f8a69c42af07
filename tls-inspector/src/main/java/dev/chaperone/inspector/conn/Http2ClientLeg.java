// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import dev.chaperone.inspector.http.HeaderField;
import dev.chaperone.inspector.http.RequestHead;
import dev.chaperone.inspector.http.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of one HTTP/2 stream (RFC 9113). A held request holds its stream only: the
 * connection's other streams, its PINGs and its window go on, since what was read is given back to
 * the flow controller at once.
 */
final class Http2ClientLeg extends ChannelInboundHandlerAdapter implements ClientLeg {
    private final ProxyContext proxy;
    private final HostSession session;
    private final int port;
    private final UpstreamLeg.Opener opener;
    private @Nullable ExchangeFlow flow;
    private @Nullable Channel stream;

    Http2ClientLeg(ProxyContext proxy, HostSession session, int port, UpstreamLeg.Opener opener) {
        this.proxy = proxy;
        this.session = session;
        this.port = port;
        this.opener = opener;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        stream = ctx.channel();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        switch (msg) {
            case Http2HeadersFrame frame -> headers(frame);
            case Http2DataFrame frame -> {
                if (flow != null) {
                    flow.requestData(frame.content(), frame.isEndStream());
                } else {
                    frame.release();
                }
            }
            case Http2ResetFrame _ -> gone();
            default -> ReferenceCountUtil.release(msg);
        }
    }

    private void headers(Http2HeadersFrame frame) {
        Http2Headers block = frame.headers();
        if (flow != null) {
            flow.requestTrailers(HttpFields.of(block));
            return;
        }
        RequestHead head = head(block);
        if (head == null) {
            proxy.counters().malformed.increment();
            proxy.gate().failed(session.serviceId(), session.host(), "CHP-IN-001");
            known().writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.PROTOCOL_ERROR));
            return;
        }
        String authority = String.valueOf(block.authority());
        if (!host(authority).equals(session.host())) {
            // HTTP/2 lets a browser coalesce hosts of one certificate; ours names one host only
            // (DESIGN §4.7).
            proxy.gate().failed(session.serviceId(), session.host(), "CHP-IN-002");
            var reply = ErrorReplies.misdirected(head);
            responseHead(new ResponseHead(reply.status(), "", reply.headers()), false);
            responseData(Unpooled.wrappedBuffer(reply.body()), true);
            flush();
            return;
        }
        ExchangeFlow exchange = new ExchangeFlow(proxy, session, this, opener);
        flow = exchange;
        exchange.requestHead(head, frame.isEndStream());
    }

    private @Nullable RequestHead head(Http2Headers block) {
        CharSequence method = block.method();
        CharSequence path = block.path();
        CharSequence scheme = block.scheme();
        if (method == null || path == null || scheme == null || path.isEmpty()) {
            return null;
        }
        List<HeaderField> fields = new ArrayList<>();
        CharSequence authority = block.authority();
        if (authority != null) {
            fields.add(new HeaderField("host", authority.toString()));
        }
        fields.addAll(HttpFields.of(block));
        if (!HttpFields.valid(fields)) {
            return null;
        }
        return new RequestHead(
                method.toString(),
                scheme.toString(),
                session.host(),
                port,
                path.toString(),
                fields,
                "h2");
    }

    static String host(String authority) {
        int colon = authority.lastIndexOf(':');
        boolean hasPort = colon > 0 && authority.indexOf(']', colon) < 0;
        return (hasPort ? authority.substring(0, colon) : authority).toLowerCase(Locale.ROOT);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (flow != null) {
            flow.clientReadComplete();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (flow != null) {
            flow.clientWritable();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof Http2ResetFrame reset) {
            ReferenceCountUtil.release(reset);
            gone();
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        gone();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (Http2Codecs.isProtocolError(cause)) {
            proxy.counters().malformed.increment();
            proxy.gate().failed(session.serviceId(), session.host(), "CHP-IN-001");
        }
        gone();
        ctx.close();
    }

    private void gone() {
        ExchangeFlow now = flow;
        flow = null;
        if (now != null) {
            now.clientGone();
        }
    }

    // ---- ClientLeg

    @Override
    public void responseHead(ResponseHead head, boolean end) {
        DefaultHttp2Headers block = new DefaultHttp2Headers(false, head.headers().size() + 2);
        block.status(Integer.toString(head.status()));
        known().write(new DefaultHttp2HeadersFrame(HttpFields.http2(block, head.headers()), end));
    }

    @Override
    public void responseData(ByteBuf data, boolean end) {
        known().write(new DefaultHttp2DataFrame(data, end));
    }

    @Override
    public void responseTrailers(List<HeaderField> trailers) {
        known().write(new DefaultHttp2HeadersFrame(HttpFields.http2(trailers), true));
    }

    @Override
    public void flush() {
        known().flush();
    }

    @Override
    public void switchProtocol(ExchangeFlow exchange, ResponseHead response) {
        abort(); // RFC 9113 §8.6: HTTP/2 has no 101
    }

    @Override
    public void abort() {
        known().writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.INTERNAL_ERROR));
    }

    @Override
    public void setReading(boolean on) {
        known().config().setAutoRead(on);
    }

    @Override
    public boolean writable() {
        return known().isWritable();
    }

    @Override
    public Channel channel() {
        return known();
    }

    private Channel known() {
        Channel c = stream;
        if (c == null) {
            throw new IllegalStateException("not in a pipeline");
        }
        return c;
    }
}
