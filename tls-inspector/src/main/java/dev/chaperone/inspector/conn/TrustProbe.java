// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import dev.chaperone.inspector.TrustProbeHost;
import dev.chaperone.pki.ServiceCertificates.Leaf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Answers for the probe host itself (ADR 0016), with a chain of the same making as every opened
 * host's, so that a tool which gets an answer trusts us and one that does not says why. Nothing of
 * it is read, recorded or forwarded. What is answered repeats the token of the path, in a form that
 * the asking tool takes: a reference for git's dumb protocol, an error for an API call, else a
 * comment line.
 */
final class TrustProbe extends SimpleChannelInboundHandler<HttpObject> {
    private static final int SECONDS = 20;

    /** Bytes of a body that are read and dropped; an AI client's first call has about 100 KB. */
    private static final long MAX_BODY = 4L << 20;

    private static final Pattern PATH = Pattern.compile("/([0-9a-f]{40})(/[^?]*)?(\\?.*)?");

    private @Nullable HttpRequest request;
    private long received;
    private @Nullable Future<?> timer;

    private TrustProbe() {}

    /** Takes the connection over; CONNECT was answered, {@code front} is the last handler. */
    static void serve(ChannelHandlerContext front, ProxyContext proxy) {
        front.channel().config().setAutoRead(false);
        Promise<Leaf> minted = front.executor().newPromise();
        proxy.blocking().execute(() -> mint(proxy, minted));
        minted.addListener(_ -> {
            if (!minted.isSuccess() || !front.channel().isActive()) {
                front.close();
                return;
            }
            SslHandler tls =
                    proxy.engines().server(front.alloc(), "", minted.getNow(), proxy.blocking());
            tls.setHandshakeTimeoutMillis(proxy.settings().connectTimeout().toMillis());
            front.pipeline()
                    .addLast(tls)
                    .addLast(new HttpServerCodec())
                    .addLast(new TrustProbe())
                    .remove(front.handler()); // hands on what the client sent early
            front.channel().config().setAutoRead(true);
        });
    }

    private static void mint(ProxyContext proxy, Promise<Leaf> minted) {
        try {
            Leaf leaf =
                    proxy.certificates()
                            .leaf(
                                    TrustProbeHost.ISSUER,
                                    List.of(TrustProbeHost.NAME),
                                    TrustProbeHost.NAME);
            minted.trySuccess(leaf);
        } catch (RuntimeException e) {
            minted.tryFailure(e);
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        timer = ctx.executor().schedule(() -> ctx.close(), SECONDS, TimeUnit.SECONDS);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpObject msg) {
        if (msg.decoderResult().isFailure()) {
            ctx.close();
            return;
        }
        if (msg instanceof HttpRequest head) {
            request = head;
            if (head.headers().contains(HttpHeaderNames.EXPECT, "100-continue", true)) {
                ctx.writeAndFlush(answer(HttpResponseStatus.CONTINUE, "text/plain", ""));
            }
        }
        if (msg instanceof HttpContent part) {
            received += part.content().readableBytes();
            if (received > MAX_BODY) {
                ctx.close();
            }
        }
        HttpRequest whole = request;
        if (msg instanceof LastHttpContent && whole != null) {
            DefaultFullHttpResponse answer = answer(whole);
            answer.headers()
                    .set(HttpHeaderNames.CONTENT_LENGTH, answer.content().readableBytes())
                    .set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE)
                    .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
            if (whole.method().equals(HttpMethod.HEAD)) {
                answer.content().clear();
            }
            ctx.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE);
        }
    }

    private static DefaultFullHttpResponse answer(HttpRequest request) {
        Matcher path = PATH.matcher(request.uri());
        if (!path.matches()) {
            return answer(HttpResponseStatus.NOT_FOUND, "text/plain", "no token\n");
        }
        String token = path.group(1);
        String rest = path.group(2) == null ? "" : path.group(2);
        if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
            // The form in which AI services refuse: tried once and shown by every client.
            return answer(
                    HttpResponseStatus.BAD_REQUEST,
                    "application/json",
                    "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\""
                            + TrustProbeHost.ANSWER
                            + token
                            + "\"}}");
        }
        // gitprotocol-http(5), dumb clients: SHA-1, tab, reference.
        String text =
                rest.endsWith("/info/refs")
                        ? token + "\trefs/heads/" + TrustProbeHost.BRANCH + "\n"
                        : rest.endsWith("/HEAD")
                                ? "ref: refs/heads/" + TrustProbeHost.BRANCH + "\n"
                                : "# " + TrustProbeHost.ANSWER + token + "\n";
        return answer(HttpResponseStatus.OK, "text/plain", text);
    }

    private static DefaultFullHttpResponse answer(
            HttpResponseStatus status, String type, String body) {
        DefaultFullHttpResponse answer =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1,
                        status,
                        Unpooled.copiedBuffer(body, StandardCharsets.US_ASCII));
        if (!status.equals(HttpResponseStatus.CONTINUE)) {
            answer.headers().set(HttpHeaderNames.CONTENT_TYPE, type);
        }
        return answer;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    /** A client that does not trust us ends the handshake: that is its answer, not our event. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
