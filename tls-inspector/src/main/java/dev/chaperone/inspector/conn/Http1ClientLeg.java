// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import dev.chaperone.inspector.catalogue.Refusals;
import dev.chaperone.inspector.http.HeaderField;
import dev.chaperone.inspector.http.RequestHead;
import dev.chaperone.inspector.http.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of an HTTP/1.1 connection (RFC 9112): one exchange at a time; pipelined
 * requests wait, at most 64 KiB of them. Reading goes on while a request is held, so that a client
 * that leaves is noticed.
 */
final class Http1ClientLeg extends ChannelInboundHandlerAdapter implements ClientLeg {
    private static final int MAX_WAITING = 64 * 1024;

    /** Makes the opener for one request; absolute-form requests each go to their own host. */
    interface Route {
        /** Origin of a request, or empty when it may not be sent here. */
        @Nullable Target target(HttpRequest request);
    }

    /** Where a request goes. */
    record Target(
            HostSession session,
            String scheme,
            String host,
            int port,
            String path,
            UpstreamLeg.Opener opener) {}

    private final ProxyContext proxy;
    private final Route route;
    private final Http1Codec.ResponseEncoder encoder;
    private final Deque<HttpObject> waiting = new ArrayDeque<>();
    private int waitingBytes;
    private @Nullable ExchangeFlow flow;
    private @Nullable Channel channel;
    private boolean requestOpen;
    private boolean closeAfter;
    private boolean upstreamClosed;
    private boolean switched;
    private boolean broken;

    Http1ClientLeg(ProxyContext proxy, Route route, Http1Codec.ResponseEncoder encoder) {
        this.proxy = proxy;
        this.route = route;
        this.encoder = encoder;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        channel = ctx.channel();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        if (!(msg instanceof HttpObject object)) {
            ReferenceCountUtil.release(msg);
            return;
        }
        if (!waiting.isEmpty() || object instanceof HttpRequest && flow != null) {
            waiting.add(object);
            waitingBytes +=
                    object instanceof HttpContent content ? content.content().readableBytes() : 256;
            if (waitingBytes > MAX_WAITING) {
                ctx.channel().config().setAutoRead(false);
            }
        } else {
            handle(object);
        }
    }

    private void handle(HttpObject object) {
        if (broken) {
            ReferenceCountUtil.release(object); // where the next message begins nobody can tell
            return;
        }
        if (object.decoderResult().isFailure()) {
            ReferenceCountUtil.release(object);
            malformed();
            return;
        }
        if (object instanceof HttpRequest request) {
            if (!start(request)) {
                ReferenceCountUtil.release(object);
                malformed();
                return;
            }
        }
        if (object instanceof HttpContent content) {
            ExchangeFlow now = flow;
            boolean last = object instanceof LastHttpContent;
            if (now == null) {
                content.release();
            } else if (last && !((LastHttpContent) object).trailingHeaders().isEmpty()) {
                if (content.content().isReadable()) {
                    now.requestData(content.content(), false);
                } else {
                    content.release();
                }
                now.requestTrailers(HttpFields.of(((LastHttpContent) object).trailingHeaders()));
            } else {
                now.requestData(content.content(), last);
            }
            if (last) {
                requestOpen = false;
                next();
            }
        }
    }

    /** False when the request is malformed although the codec took it. */
    private boolean start(HttpRequest request) {
        List<HeaderField> fields = HttpFields.of(request.headers());
        // Another major version is another protocol: a client that goes ahead with HTTP/2 although
        // it
        // was not agreed begins with "PRI * HTTP/2.0" (RFC 9113 §3.4).
        if (!HttpFields.valid(fields) || request.protocolVersion().majorVersion() != 1) {
            return false;
        }
        requestOpen = true;
        closeAfter = !io.netty.handler.codec.http.HttpUtil.isKeepAlive(request);
        encoder.answers(request.method());
        Target target = route.target(request);
        if (target == null) {
            String host = String.valueOf(request.headers().get("host"));
            RequestHead head =
                    new RequestHead(
                            request.method().name(), "https", host, 443, "/", fields, "http/1.1");
            proxy.gate().failed("", "", "CHP-IN-002");
            local(ErrorReplies.misdirected(head));
            return true;
        }
        ExchangeFlow exchange = new ExchangeFlow(proxy, target.session(), this, target.opener());
        flow = exchange;
        exchange.requestHead(
                new RequestHead(
                        request.method().name(),
                        target.scheme(),
                        target.host(),
                        target.port(),
                        target.path(),
                        fields,
                        request.protocolVersion().minorVersion() == 0 ? "http/1.0" : "http/1.1"),
                false);
        return true;
    }

    private void malformed() {
        proxy.counters().malformed.increment();
        proxy.gate().failed("", "", "CHP-IN-001");
        broken = true;
        closeAfter = true;
        requestOpen = false;
        if (flow == null) {
            local(ErrorReplies.malformed());
        } else {
            flow.clientGone();
        }
        closeOnceWritten();
    }

    /** Answers without an exchange. */
    private void local(Refusals.HttpReply reply) {
        List<HeaderField> fields = new java.util.ArrayList<>(reply.headers());
        fields.add(new HeaderField("content-length", Integer.toString(reply.body().length)));
        responseHead(new ResponseHead(reply.status(), "", fields), false);
        responseData(Unpooled.wrappedBuffer(reply.body()), true);
        flush();
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
    public void channelInactive(ChannelHandlerContext ctx) {
        gone();
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        gone();
        ctx.close();
    }

    private void gone() {
        waiting.forEach(ReferenceCountUtil::release);
        waiting.clear();
        ExchangeFlow now = flow;
        flow = null;
        if (now != null) {
            now.clientGone();
        }
    }

    // ---- ClientLeg

    @Override
    public void responseHead(ResponseHead head, boolean end) {
        HttpResponseStatus status =
                head.reason().isEmpty()
                        ? HttpResponseStatus.valueOf(head.status())
                        : new HttpResponseStatus(head.status(), head.reason());
        known().write(
                        new DefaultHttpResponse(
                                HttpVersion.HTTP_1_1, status, HttpFields.http1(head.headers())));
        if (head.informational()) {
            known().write(LastHttpContent.EMPTY_LAST_CONTENT);
        } else if (end) {
            responseData(Unpooled.EMPTY_BUFFER, true);
        }
    }

    @Override
    public void responseData(ByteBuf data, boolean end) {
        if (!end) {
            known().write(new DefaultHttpContent(data));
            return;
        }
        known().write(new DefaultLastHttpContent(data));
        ended();
    }

    @Override
    public void responseTrailers(List<HeaderField> trailers) {
        DefaultLastHttpContent last = new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER);
        trailers.forEach(f -> last.trailingHeaders().add(f.name(), f.value()));
        known().write(last);
        ended();
    }

    /** Runs after the caller has noted that its answer ended. */
    private void ended() {
        known().eventLoop().execute(this::next);
    }

    private void next() {
        if (requestOpen || flow != null && !flow.responseEnded()) {
            return;
        }
        flow = null;
        if (switched) {
            return;
        }
        if (closeAfter || upstreamClosed) {
            closeOnceWritten();
            return;
        }
        while (flow == null && !waiting.isEmpty()) {
            drain();
        }
        if (waiting.isEmpty()) {
            known().config().setAutoRead(true);
        }
    }

    private void drain() {
        while (!waiting.isEmpty()) {
            if (waiting.peek() instanceof HttpRequest && flow != null) {
                return;
            }
            HttpObject object = waiting.remove();
            waitingBytes -=
                    object instanceof HttpContent content ? content.content().readableBytes() : 256;
            handle(object);
            if (object instanceof LastHttpContent) {
                return;
            }
        }
    }

    /**
     * Not within a read: what the decoder still has of it would meet a pipeline that is taken down,
     * without us.
     */
    private void closeOnceWritten() {
        Channel closing = known();
        closing.eventLoop()
                .execute(() ->
                        closing.writeAndFlush(Unpooled.EMPTY_BUFFER)
                                .addListener(ChannelFutureListener.CLOSE));
    }

    /** The service's connection closed: no further request can be sent on this one. */
    void upstreamClosed() {
        upstreamClosed = true;
        if (flow == null && !requestOpen) {
            closeOnceWritten();
        }
    }

    @Override
    public void flush() {
        known().flush();
    }

    @Override
    public void switchProtocol(ExchangeFlow exchange, ResponseHead response) {
        switched = true;
        responseHead(response, false);
        flush();
        flow = null;
        UpgradedConnection.install(proxy, known(), exchange);
    }

    @Override
    public void abort() {
        known().flush();
        known().close();
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
        Channel c = channel;
        if (c == null) {
            throw new IllegalStateException("not in a pipeline");
        }
        return c;
    }
}
