// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import dev.chaperone.inspector.TrustProbeHost;
import dev.chaperone.inspector.tls.InterceptDecision;
import dev.chaperone.inspector.tls.OpenHosts;
import dev.chaperone.model.prompt.ClientProcess;
import dev.chaperone.model.service.AiService;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The first handler of an accepted connection: reads one request head and sends the connection on
 * its way. CONNECT to a host that is not opened becomes a tunnel at once; CONNECT to an opened host
 * goes to {@link Interception}; CONNECT to the probe host to {@link TrustProbe}; absolute-form HTTP
 * to an {@link Http1ClientLeg}; {@code GET /proxy.pac} is answered; everything else in origin form
 * is not for us (404).
 */
public final class FrontHandler extends ByteToMessageDecoder {
    private static final byte[] ESTABLISHED =
            "HTTP/1.1 200 Connection established\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int FIRST_HEAD_SECONDS = 60;

    /** Bytes of the longest end of a head: CR LF after the LF of the last line. */
    private static final int END_OF_HEAD = 3;

    /** A look-up takes milliseconds; a machine that swaps must not hold prompts for ever. */
    private static final int OWNER_SECONDS = 2;

    /** How long a connection may outlive the pause it passes under. */
    private static final int PAUSE_SECONDS = 1;

    private final ProxyContext proxy;
    private final HeldExchanges held;
    private io.netty.util.concurrent.@Nullable Future<?> timer;
    private boolean decided;

    /** Bytes of an unfinished head in which its end was not found: they are not searched again. */
    private int searched;

    public FrontHandler(ProxyContext proxy, HeldExchanges held) {
        this.proxy = proxy;
        this.held = held;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        proxy.counters().connections.increment();
        timer = ctx.executor().schedule(() -> ctx.close(), FIRST_HEAD_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (decided) {
            return;
        }
        int end = endOfHead(in);
        if (end < 0) {
            if (in.readableBytes() > proxy.settings().maxHead()) {
                fail(ctx, "431 Request Header Fields Too Large");
            } else if (in.isReadable() && in.getByte(in.readerIndex()) < 'A') {
                fail(ctx, "400 Bad Request"); // TLS or noise: no request line starts like this
            }
            return;
        }
        String head = in.toString(in.readerIndex(), end, StandardCharsets.ISO_8859_1);
        Optional<RequestLine> line = RequestLine.parse(head);
        if (line.isEmpty()) {
            fail(ctx, "400 Bad Request");
            return;
        }
        decided = true;
        stopTimer();
        dispatch(ctx, in, end, line.get());
    }

    private void dispatch(ChannelHandlerContext ctx, ByteBuf in, int end, RequestLine line) {
        if (line.method().equals("CONNECT")) {
            in.skipBytes(end);
            Optional<Authority> authority = Authority.parse(line.target(), 0);
            if (authority.isEmpty() || authority.get().port() == 0) {
                fail(ctx, "400 Bad Request");
            } else {
                connect(ctx, authority.get());
            }
        } else if (line.target().regionMatches(true, 0, "http://", 0, 7)) {
            absolute(ctx);
        } else if (line.method().equals("GET") && line.path().equals("/proxy.pac")) {
            String pac =
                    ProxyAutoConfig.render(
                            proxy.openHosts().get(),
                            (InetSocketAddress) ctx.channel().localAddress(),
                            proxy.settings().pacDirect(),
                            proxy.settings().chainedPac());
            reply(ctx, "200 OK", "application/x-ns-proxy-autoconfig", pac);
        } else {
            reply(
                    ctx,
                    "404 Not Found",
                    "text/plain",
                    "This is Chaperone's proxy port; there is nothing here.\n");
        }
    }

    private void connect(ChannelHandlerContext ctx, Authority to) {
        if (isOwnPort(ctx.channel(), to)) {
            reply(ctx, "403 Forbidden", "text/plain", "Chaperone does not connect to itself.\n");
            return;
        }
        if (to.host().equals(TrustProbeHost.NAME) && to.port() == TrustProbeHost.PORT) {
            ctx.writeAndFlush(Unpooled.wrappedBuffer(ESTABLISHED));
            TrustProbe.serve(ctx, proxy);
            return;
        }
        OpenHosts hosts = proxy.openHosts().get();
        switch (hosts.decide(to.host(), to.port())) {
            case InterceptDecision.Intercept(var service) -> {
                CompletableFuture<ClientProcess> owner = owner(ctx.channel());
                whenPauseIsKnown(
                        ctx,
                        owner,
                        client -> {
                            if (proxy.gate().isPaused(client)) {
                                pass(ctx, to, service, client);
                            } else {
                                intercept(ctx, to, hosts, service, owner);
                            }
                        });
            }
            case InterceptDecision.Tunnel _, InterceptDecision.InjectOnly _ -> {
                proxy.counters().tunnels.increment();
                tunnel(ctx, to);
            }
            case InterceptDecision.Refuse _ ->
                    reply(ctx, "403 Forbidden", "text/plain", "Refused by policy.\n");
        }
    }

    private void intercept(
            ChannelHandlerContext ctx,
            Authority to,
            OpenHosts hosts,
            AiService service,
            CompletableFuture<ClientProcess> owner) {
        proxy.counters().intercepted.increment();
        HostSession session =
                new HostSession(proxy, hosts.catalogue(), service, to.host(), owner, held);
        ctx.writeAndFlush(Unpooled.wrappedBuffer(ESTABLISHED));
        ctx.pipeline().addLast(new Interception(proxy, session, service, to.host(), to.port()));
        ctx.pipeline().remove(this);
    }

    /**
     * While somebody has paused, a connection waits until it is known whose it is, and reads
     * nothing; else it goes on at once, with a client that is not paused.
     */
    private void whenPauseIsKnown(
            ChannelHandlerContext ctx,
            CompletableFuture<ClientProcess> owner,
            Consumer<ClientProcess> then) {
        if (!proxy.gate().pausing()) {
            then.accept(ClientProcess.UNKNOWN);
            return;
        }
        ctx.channel().config().setAutoRead(false);
        CompletableFuture<Void> ignored =
                owner.thenAcceptAsync(
                        client -> {
                            if (ctx.channel().isActive()) {
                                ctx.channel().config().setAutoRead(true);
                                then.accept(client);
                            }
                        },
                        ctx.executor());
    }

    /** A user who paused: the bytes pass as they are, no longer than the pause, and are counted. */
    private void pass(
            ChannelHandlerContext ctx, Authority to, AiService service, ClientProcess client) {
        proxy.counters().paused.increment();
        proxy.gate().passedPaused(service.id(), to.host(), client);
        Future<?> watch =
                ctx.executor()
                        .scheduleAtFixedRate(
                                () -> {
                                    if (!proxy.gate().isPaused(client)) {
                                        ctx.channel().close();
                                    }
                                },
                                PAUSE_SECONDS,
                                PAUSE_SECONDS,
                                TimeUnit.SECONDS);
        ctx.channel().closeFuture().addListener(_ -> watch.cancel(false));
        tunnel(ctx, to);
    }

    private static final class ClosesOnFailure extends ChannelInboundHandlerAdapter {
        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    private void tunnel(ChannelHandlerContext ctx, Authority to) {
        ctx.channel().config().setAutoRead(false);
        Future<Channel> connecting =
                proxy.connector()
                        .connect(
                                ctx.channel().eventLoop(),
                                to.host(),
                                to.port(),
                                ClosesOnFailure::new);
        connecting.addListener(_ -> {
            if (!connecting.isSuccess()) {
                ConnectFailure failure = ConnectFailure.of(connecting.cause());
                reply(
                        ctx,
                        "502 Bad Gateway",
                        "text/plain",
                        "Chaperone: " + failure.says() + " (" + failure.code() + ").\n");
                return;
            }
            Channel upstream = connecting.getNow();
            ctx.writeAndFlush(Unpooled.wrappedBuffer(ESTABLISHED));
            Tunnel.join(ctx.channel(), upstream);
            ctx.pipeline().remove(this); // hands on what the client sent early
            if (!ctx.channel().isActive()) {
                upstream.close();
            }
        });
    }

    private void absolute(ChannelHandlerContext ctx) {
        CompletableFuture<ClientProcess> owner = owner(ctx.channel());
        PlainRoute route = new PlainRoute(proxy, ctx.channel(), owner, held);
        whenPauseIsKnown(
                ctx,
                owner,
                _ -> {
                    route.install(ctx.pipeline());
                    ctx.pipeline().remove(this); // hands the request on to the codec
                });
    }

    /**
     * Looks for the process behind the connection while the handshakes run. Who cannot be found in
     * time stays unknown: a decision waits for this (DESIGN §4.5).
     */
    private CompletableFuture<ClientProcess> owner(Channel client) {
        InetSocketAddress peer = (InetSocketAddress) client.remoteAddress();
        InetSocketAddress local = (InetSocketAddress) client.localAddress();
        return CompletableFuture.supplyAsync(
                        () -> proxy.processes().owner(peer, local), proxy.blocking())
                .exceptionally(_ -> ClientProcess.UNKNOWN)
                .completeOnTimeout(ClientProcess.UNKNOWN, OWNER_SECONDS, TimeUnit.SECONDS);
    }

    private boolean isOwnPort(Channel client, Authority to) {
        int own = ((InetSocketAddress) client.localAddress()).getPort();
        return to.port() == own
                && (to.host().equals("localhost")
                        || to.host().startsWith("127.")
                        || to.host().equals("::1")
                        || to.host().equals("0.0.0.0"));
    }

    private void fail(ChannelHandlerContext ctx, String status) {
        decided = true;
        proxy.counters().malformed.increment();
        proxy.gate().failed("", "", "CHP-IN-001");
        reply(
                ctx,
                status,
                "text/plain",
                "Chaperone: the request is not valid HTTP (CHP-IN-001).\n");
    }

    private void reply(ChannelHandlerContext ctx, String status, String type, String body) {
        stopTimer();
        decided = true;
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        String head =
                "HTTP/1.1 "
                        + status
                        + "\r\nContent-Type: "
                        + type
                        + "\r\nContent-Length: "
                        + bytes.length
                        + "\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n";
        ctx.write(Unpooled.copiedBuffer(head, StandardCharsets.US_ASCII));
        ctx.writeAndFlush(Unpooled.wrappedBuffer(bytes)).addListener(ChannelFutureListener.CLOSE);
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    /** Index after the empty line that ends a head, relative to the reader index, or -1. */
    private int endOfHead(ByteBuf in) {
        int start = in.readerIndex();
        int from = start + Math.max(0, searched - END_OF_HEAD);
        searched = in.readableBytes();
        for (int i = from; i < in.writerIndex(); i++) {
            if (in.getByte(i) == '\n') {
                int next = i + 1;
                if (next < in.writerIndex() && in.getByte(next) == '\r') {
                    next++;
                }
                if (next < in.writerIndex() && in.getByte(next) == '\n') {
                    return next + 1 - start;
                }
            }
        }
        return -1;
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        stopTimer();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    /** Method and target of a request. */
    private record RequestLine(String method, String target) {
        static Optional<RequestLine> parse(String head) {
            int eol = head.indexOf('\n');
            String[] parts = head.substring(0, eol).stripTrailing().split(" ", -1);
            boolean valid =
                    parts.length == 3
                            && parts[2].startsWith("HTTP/1.")
                            && !parts[0].isEmpty()
                            && parts[0].chars().allMatch(c -> c > ' ' && c < 127)
                            && !parts[1].isEmpty();
            return valid ? Optional.of(new RequestLine(parts[0], parts[1])) : Optional.empty();
        }

        String path() {
            int q = target.indexOf('?');
            return q < 0 ? target : target.substring(0, q);
        }
    }

    /**
     * Host and port of a CONNECT target or URL.
     *
     * @param host lower case, without brackets
     * @param port 0 when not given
     */
    record Authority(String host, int port) {
        static Optional<Authority> parse(String text, int defaultPort) {
            int colon = text.lastIndexOf(':');
            boolean hasPort = colon > 0 && text.indexOf(']', colon) < 0;
            String host = hasPort ? text.substring(0, colon) : text;
            if (host.startsWith("[") && host.endsWith("]")) {
                host = host.substring(1, host.length() - 1);
            }
            int port = defaultPort;
            if (hasPort) {
                try {
                    port = Integer.parseInt(text.substring(colon + 1));
                } catch (NumberFormatException e) {
                    return Optional.empty();
                }
            }
            boolean valid = !host.isEmpty() && port >= 0 && port <= 65535 && host.indexOf('@') < 0;
            // A fully qualified name with its root dot is the same host (RFC 1034 §3.1).
            String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
            return valid
                    ? Optional.of(new Authority(name.toLowerCase(Locale.ROOT), port))
                    : Optional.empty();
        }

        @Override
        public String toString() {
            return "Authority[" + port + "]";
        }
    }
}
