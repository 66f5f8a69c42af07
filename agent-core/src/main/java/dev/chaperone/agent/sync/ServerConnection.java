// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.sync;

import dev.chaperone.inspector.UpstreamProxy;
import dev.chaperone.inspector.conn.ConnectTunnel;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Requests over one HTTP/1.1 connection that is kept open, with the TLS engine that the proxy has
 * loaded anyway: the JDK's own client costs 12 MB beside it. For one thread.
 */
final class ServerConnection implements AutoCloseable {
    private static final int MAX_HEAD = 64 << 10;
    private static final int MAX_BODY = 16 << 20; // a policy bundle
    private static final int HTTPS_PORT = 443;
    private static final long SAME_SECONDS = 30;

    private final URI server;
    private final SslContext tls;
    private final Optional<UpstreamProxy> wayOut;
    private final Duration limit;
    private final Resolver resolver;
    private final EventLoopGroup loop =
            new MultiThreadIoEventLoopGroup(
                    1, new DefaultThreadFactory("server-io", true), NioIoHandler.newFactory());
    private final AtomicReference<@Nullable CompletableFuture<Reply>> awaited =
            new AtomicReference<>();
    private @Nullable Channel channel;
    private @Nullable Long clockOffset;

    /**
     * @param tls released with this connection
     * @param wayOut the company's proxy, if the server is reached by it
     * @param limit for connecting, and for each answer
     */
    ServerConnection(URI server, SslContext tls, Optional<UpstreamProxy> wayOut, Duration limit) {
        this(server, tls, wayOut, limit, InetAddress::getAllByName);
    }

    /** How a name becomes addresses. */
    interface Resolver {
        InetAddress[] resolve(String host) throws UnknownHostException;
    }

    ServerConnection(
            URI server,
            SslContext tls,
            Optional<UpstreamProxy> wayOut,
            Duration limit,
            Resolver resolver) {
        this.resolver = resolver;
        this.wayOut = wayOut;
        this.server = server;
        this.tls = tls;
        this.limit = limit;
    }

    /**
     * A whole answer.
     *
     * @param fields by lower-case name
     */
    @SuppressWarnings("ArrayRecordComponent") // a body, never compared
    record Reply(int status, Map<String, String> fields, byte[] body) {
        Optional<String> field(String name) {
            return Optional.ofNullable(fields.get(name));
        }

        @Override
        public String toString() {
            return "Reply[" + status + "]";
        }
    }

    Reply get(String path, Map<String, String> fields) throws IOException, InterruptedException {
        return send(HttpMethod.GET, path, fields, new byte[0]);
    }

    Reply post(String path, Map<String, String> fields, byte[] body)
            throws IOException, InterruptedException {
        return send(HttpMethod.POST, path, fields, body);
    }

    private Reply send(HttpMethod method, String path, Map<String, String> fields, byte[] body)
            throws IOException, InterruptedException {
        Channel kept = channel;
        if (kept != null && kept.isActive()) {
            try {
                return exchange(kept, method, path, fields, body);
            } catch (ClosedEarlyException e) {
                // The server ended an idle connection as we used it. Every request may be repeated:
                // the server knows a batch that it has, and the rest changes nothing.
            }
        }
        return exchange(connect(), method, path, fields, body);
    }

    /** The connection ended before a byte of the answer. */
    private static final class ClosedEarlyException extends IOException {
        private static final long serialVersionUID = 1L;

        ClosedEarlyException() {
            super("the server closed the connection");
        }
    }

    private Reply exchange(
            Channel to, HttpMethod method, String path, Map<String, String> fields, byte[] body)
            throws IOException, InterruptedException {
        FullHttpRequest request =
                new DefaultFullHttpRequest(
                        HttpVersion.HTTP_1_1, method, path, Unpooled.wrappedBuffer(body));
        request.headers().set(HttpHeaderNames.HOST, server.getRawAuthority());
        fields.forEach(request.headers()::set);
        if (!method.equals(HttpMethod.GET)) {
            HttpUtil.setContentLength(request, body.length);
        }
        CompletableFuture<Reply> answer = new CompletableFuture<>();
        awaited.set(answer);
        to.writeAndFlush(request)
                .addListener(f -> {
                    if (!f.isSuccess()) {
                        answer.completeExceptionally(new ClosedEarlyException());
                    }
                });
        try {
            Reply reply = answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            reply.field("date").ifPresent(this::compareClocks);
            return reply;
        } catch (ExecutionException e) {
            throw plain(e.getCause());
        } catch (TimeoutException e) {
            to.close();
            throw new IOException("no answer in time", e);
        } finally {
            awaited.set(null);
        }
    }

    /** {@code Date} is exact to a second (RFC 9110 §6.6.1), and the answer took a moment. */
    private void compareClocks(String date) {
        try {
            Instant theirs = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date));
            long seconds = Duration.between(theirs, Instant.now()).toSeconds();
            clockOffset = Math.abs(seconds) < SAME_SECONDS ? 0L : Long.valueOf(seconds);
        } catch (DateTimeException e) {
            clockOffset = null;
        }
    }

    /** Own clock minus the server's by its last answer, seconds; null before the first. */
    @Nullable Long clockOffset() {
        return clockOffset;
    }

    private Channel connect() throws IOException, InterruptedException {
        int port = server.getPort() < 0 ? HTTPS_PORT : server.getPort();
        Optional<UpstreamProxy> proxy = wayOut.filter(p -> p.leadsTo(server.getHost()));
        Channel fresh =
                reach(
                        proxy.map(UpstreamProxy::host).orElse(server.getHost()),
                        proxy.map(UpstreamProxy::port).orElse(port),
                        opened ->
                                proxy.isPresent()
                                        ? new ConnectTunnel(
                                                server.getHost(),
                                                port,
                                                pipeline(port),
                                                limit,
                                                opened)
                                        : pipeline(port),
                        proxy.isPresent());
        var handshake = fresh.pipeline().get(SslHandler.class).handshakeFuture().await();
        if (!handshake.isSuccess()) {
            fresh.close();
            throw plain(handshake.cause());
        }
        channel = fresh;
        return fresh;
    }

    /** By each address in the resolver's order: a dead IPv6 route must not hide a living one. */
    private Channel reach(
            String host, int port, Function<Promise<Channel>, ChannelHandler> first, boolean tunnel)
            throws IOException, InterruptedException {
        InetAddress[] addresses = resolver.resolve(host);
        for (InetAddress address : addresses) {
            EventLoop on = loop.next();
            Promise<Channel> opened = on.newPromise();
            ChannelFuture connecting =
                    new Bootstrap()
                            .group(on)
                            .channel(NioSocketChannel.class)
                            .option(
                                    ChannelOption.CONNECT_TIMEOUT_MILLIS,
                                    Math.toIntExact(limit.toMillis() / addresses.length))
                            .handler(first.apply(opened))
                            .connect(address, port)
                            .await();
            if (connecting.isSuccess()) {
                if (tunnel && !opened.await().isSuccess()) {
                    throw plain(opened.cause());
                }
                return connecting.channel();
            }
        }
        throw new ConnectException("cannot connect");
    }

    private ChannelInitializer<Channel> pipeline(int port) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel fresh) {
                fresh.pipeline()
                        .addLast(
                                tls.newHandler(fresh.alloc(), server.getHost(), port),
                                new HttpClientCodec(MAX_HEAD, MAX_HEAD, MAX_HEAD),
                                new HttpObjectAggregator(MAX_BODY),
                                new Replies());
            }
        };
    }

    /** Under a name of the JDK, since the name is what is shown. */
    private static IOException plain(@Nullable Throwable cause) {
        return switch (cause) {
            case SSLException e -> new SSLException("TLS to the server failed", e);
            case IOException e -> e;
            case null, default -> new IOException("the server's answer cannot be read", cause);
        };
    }

    private final class Replies extends SimpleChannelInboundHandler<FullHttpResponse> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpResponse response) {
            boolean keep = HttpUtil.isKeepAlive(response);
            CompletableFuture<Reply> answer = awaited.getAndSet(null);
            if (answer == null || !keep) {
                context.close(); // not asked for, or the server's last
            }
            if (answer == null) {
                return;
            }
            if (response.decoderResult().isFailure()) {
                answer.completeExceptionally(response.decoderResult().cause());
                return;
            }
            Map<String, String> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            response.headers().forEach(h -> fields.put(h.getKey(), h.getValue()));
            answer.complete(
                    new Reply(
                            response.status().code(),
                            fields,
                            ByteBufUtil.getBytes(response.content())));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            fail(cause);
            context.close();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            fail(new ClosedEarlyException());
        }

        private void fail(Throwable cause) {
            CompletableFuture<Reply> answer = awaited.getAndSet(null);
            if (answer != null) {
                answer.completeExceptionally(cause);
            }
        }
    }

    @Override
    public void close() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS)
                .addListener(_ -> ReferenceCountUtil.release(tls));
    }
}
