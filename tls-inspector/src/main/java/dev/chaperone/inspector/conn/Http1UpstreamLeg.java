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
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The service's side of an HTTP/1.1 connection (RFC 9112). May be used before its channel is there:
 * what is written waits.
 */
final class Http1UpstreamLeg extends ChannelInboundHandlerAdapter implements UpstreamLeg {
    private final Http1Codec.ResponseDecoder decoder;
    private final Runnable onClosed;
    private final Runnable onUnasked;
    private final String before;
    private final List<Object> early = new ArrayList<>();
    private @Nullable Channel channel;
    private @Nullable ExchangeFlow flow;
    private boolean dead;
    private boolean ending;
    private boolean skipEmptyEnd;

    /**
     * @param maxHead bytes of a status line with its headers
     * @param onClosed told once when the service's connection ended
     * @param onUnasked told when the service speaks before anything was asked
     */
    Http1UpstreamLeg(int maxHead, Runnable onClosed, Runnable onUnasked) {
        this(maxHead, onClosed, onUnasked, "");
    }

    /**
     * @param before stands before each request's target
     */
    Http1UpstreamLeg(int maxHead, Runnable onClosed, Runnable onUnasked, String before) {
        this.before = before;
        this.decoder = new Http1Codec.ResponseDecoder(maxHead);
        this.onClosed = onClosed;
        this.onUnasked = onUnasked;
    }

    /** Takes over a connected channel, behind TLS if any. */
    void attach(Channel connected) {
        connected.pipeline().addLast("http-decoder", decoder);
        connected.pipeline().addLast("http-encoder", new HttpRequestEncoder());
        connected.pipeline().addLast("leg", this);
        channel = connected;
        connected.config().setAutoRead(true);
        early.forEach(connected::write);
        early.clear();
        connected.flush();
        if (dead) {
            connected.close();
        }
    }

    /** The next exchange on this connection. */
    Http1UpstreamLeg serve(ExchangeFlow exchange) {
        flow = exchange;
        if (dead) {
            exchange.loop().execute(() -> exchange.upstreamGone("CHP-UP-003"));
        }
        return this;
    }

    /** The connection could not be made. */
    void failed(ConnectFailure why) {
        dead = true;
        early.forEach(ReferenceCountUtil::release);
        early.clear();
        if (flow != null) {
            flow.upstreamGone(why);
        }
        onClosed.run();
    }

    @Nullable Channel channelOrNull() {
        return channel;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        ExchangeFlow now = flow;
        if (!(msg instanceof HttpObject object) || now == null || now.responseEnded()) {
            ReferenceCountUtil.release(msg);
            unasked(ctx);
            return;
        }
        if (object.decoderResult().isFailure()) {
            ReferenceCountUtil.release(msg);
            now.upstreamGone("CHP-UP-005");
            ctx.close();
            return;
        }
        boolean informational = false;
        if (object instanceof HttpResponse response) {
            ResponseHead head =
                    new ResponseHead(
                            response.status().code(),
                            response.status().reasonPhrase(),
                            HttpFields.of(response.headers()));
            informational = head.informational();
            skipEmptyEnd = informational;
            now.responseHead(head, false);
        }
        if (object instanceof HttpContent content) {
            boolean last = object instanceof LastHttpContent;
            if (last && skipEmptyEnd) {
                skipEmptyEnd = false;
                content.release();
            } else if (last && !((LastHttpContent) object).trailingHeaders().isEmpty()) {
                if (content.content().isReadable()) {
                    now.responseData(content.content(), false);
                } else {
                    content.release();
                }
                now.responseTrailers(HttpFields.of(((LastHttpContent) object).trailingHeaders()));
            } else {
                now.responseData(content.content(), last);
            }
        }
    }

    /**
     * An answer to no request is never taken for the answer to the next one, and after it nobody
     * can tell which is which (RFC 9112 §9.2): the connection ends.
     */
    private void unasked(ChannelHandlerContext ctx) {
        if (flow == null && !ending) {
            onUnasked.run();
        }
        ending = true;
        ctx.close();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (flow != null) {
            flow.upstreamReadComplete();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (flow != null) {
            flow.upstreamWritable();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (!dead) {
            dead = true;
            if (flow != null) {
                flow.upstreamGone("CHP-UP-003");
            }
            onClosed.run();
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    // ---- UpstreamLeg

    @Override
    public void requestHead(RequestHead head, boolean end) {
        HttpMethod method = HttpMethod.valueOf(head.method());
        decoder.expects(method);
        HttpVersion version =
                head.httpVersion().equals("http/1.0") ? HttpVersion.HTTP_1_0 : HttpVersion.HTTP_1_1;
        write(
                new DefaultHttpRequest(
                        version, method, before + head.target(), HttpFields.http1(head.headers())));
        if (end) {
            write(LastHttpContent.EMPTY_LAST_CONTENT);
        }
    }

    @Override
    public void requestData(ByteBuf data, boolean end) {
        write(end ? new DefaultLastHttpContent(data) : new DefaultHttpContent(data));
    }

    @Override
    public void requestTrailers(List<HeaderField> trailers) {
        DefaultLastHttpContent last = new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER);
        trailers.forEach(f -> last.trailingHeaders().add(f.name(), f.value()));
        write(last);
    }

    private void write(Object message) {
        Channel to = channel;
        if (dead) {
            ReferenceCountUtil.release(message);
        } else if (to == null) {
            early.add(message);
        } else {
            to.write(message);
        }
    }

    @Override
    public void flush() {
        if (channel != null) {
            channel.flush();
        }
    }

    @Override
    public void abort() {
        dead = true;
        if (channel != null) {
            channel.close();
        }
    }

    @Override
    public void setReading(boolean on) {
        if (channel != null) {
            channel.config().setAutoRead(on);
        }
    }

    @Override
    public boolean writable() {
        return channel == null ? early.size() < 64 : channel.isWritable();
    }
}
