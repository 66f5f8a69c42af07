// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import dev.chaperone.pki.DeviceRoot;
import dev.chaperone.pki.ServiceCertificates;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2PingFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** An HTTP/2 service and an HTTP/2 client on either side of a proxy. */
final class Http2Peers implements AutoCloseable {
    /** What the service answers. */
    volatile String says = "{\"answer\":\"ok\"}";

    /** Bodies of the requests that reached the service whole. */
    final BlockingQueue<String> received = new LinkedBlockingQueue<>();

    /** Anything of a request that reached the service. */
    final BlockingQueue<String> heads = new LinkedBlockingQueue<>();

    private final EventLoopGroup group =
            new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final Channel server;

    Http2Peers(DeviceRoot root) throws Exception {
        var leaf =
                new ServiceCertificates(root, InstantSource.system())
                        .leaf("up", List.of("chat.test"), "chat.test");
        SslContext tls =
                SslContextBuilder.forServer(
                                leaf.key().getPrivate(),
                                leaf.chain().toArray(X509Certificate[]::new))
                        .sslProvider(SslProvider.JDK)
                        .applicationProtocolConfig(h2())
                        .build();
        server =
                new ServerBootstrap()
                        .group(group)
                        .channel(NioServerSocketChannel.class)
                        .childHandler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        channel.pipeline()
                                                .addLast(
                                                        tls.newHandler(channel.alloc()),
                                                        Http2FrameCodecBuilder.forServer().build(),
                                                        new Http2MultiplexHandler(
                                                                perStream(Service::new)));
                                    }
                                })
                        .bind("127.0.0.1", 0)
                        .sync()
                        .channel();
    }

    private static ApplicationProtocolConfig h2() {
        return new ApplicationProtocolConfig(
                ApplicationProtocolConfig.Protocol.ALPN,
                ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                "h2");
    }

    private interface Maker {
        ChannelInboundHandlerAdapter make();
    }

    private static ChannelInitializer<Channel> perStream(Maker maker) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel stream) {
                stream.pipeline().addLast(maker.make());
            }
        };
    }

    int port() {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    /** Reads a request, then answers it: without a body when it had none. */
    private final class Service extends ChannelInboundHandlerAdapter {
        private final ByteBuf body = Unpooled.buffer();

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            boolean end = false;
            boolean empty = false;
            if (msg instanceof Http2HeadersFrame head) {
                heads.add(head.headers().toString());
                end = head.isEndStream();
                empty = end;
            } else if (msg instanceof Http2DataFrame data) {
                body.writeBytes(data.content());
                end = data.isEndStream();
            }
            ReferenceCountUtil.release(msg);
            if (empty) {
                ctx.writeAndFlush(
                        new DefaultHttp2HeadersFrame(
                                new DefaultHttp2Headers().status("204"), true));
            } else if (end) {
                received.add(body.toString(StandardCharsets.UTF_8));
                ctx.write(
                        new DefaultHttp2HeadersFrame(
                                new DefaultHttp2Headers()
                                        .status("200")
                                        .add("content-type", "application/json")
                                        .addInt("content-length", says.length())));
                ctx.writeAndFlush(
                        new DefaultHttp2DataFrame(
                                Unpooled.copiedBuffer(says, StandardCharsets.UTF_8), true));
            }
        }
    }

    /** A connection of the client. */
    static final class Client {
        private final Channel connection;
        private final BlockingQueue<Long> pongs = new LinkedBlockingQueue<>();

        private Client(Channel connection) {
            this.connection = connection;
        }

        /** Sends a request without a body. */
        Stream bodyless(String method, String path) throws Exception {
            CompletableFuture<String> answer = new CompletableFuture<>();
            Channel stream = open(answer);
            stream.writeAndFlush(new DefaultHttp2HeadersFrame(head(method, path), true));
            return new Stream(stream, answer);
        }

        private static Http2Headers head(String method, String path) {
            return new DefaultHttp2Headers()
                    .method(method)
                    .scheme("https")
                    .authority("chat.test")
                    .path(path);
        }

        private Channel open(CompletableFuture<String> answer) throws Exception {
            return new Http2StreamChannelBootstrap(connection)
                    .handler(new AnswerReader(answer))
                    .open()
                    .sync()
                    .getNow();
        }

        /** Sends a prompt; the answer's status and body come later. */
        Stream post(String body) throws Exception {
            CompletableFuture<String> answer = new CompletableFuture<>();
            Channel stream = open(answer);
            stream.write(
                    new DefaultHttp2HeadersFrame(
                            head("POST", "/prompt").add("content-type", "application/json")));
            stream.writeAndFlush(
                    new DefaultHttp2DataFrame(
                            Unpooled.copiedBuffer(body, StandardCharsets.UTF_8), true));
            return new Stream(stream, answer);
        }

        /** True when the peer answers a PING within a second. */
        boolean ping(long content) throws InterruptedException {
            connection.writeAndFlush(new DefaultHttp2PingFrame(content));
            Long pong = pongs.poll(1, TimeUnit.SECONDS);
            return pong != null && pong == content;
        }

        void close() throws InterruptedException {
            connection.close().sync();
        }
    }

    /** One request of the client. */
    record Stream(Channel channel, CompletableFuture<String> answer) {
        void reset() {
            channel.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.CANCEL));
        }
    }

    private static final class AnswerReader extends ChannelInboundHandlerAdapter {
        private final CompletableFuture<String> answer;
        private final StringBuilder text = new StringBuilder();

        AnswerReader(CompletableFuture<String> answer) {
            this.answer = answer;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            boolean end = false;
            if (msg instanceof Http2HeadersFrame head) {
                text.append(head.headers().status()).append(' ');
                end = head.isEndStream();
            } else if (msg instanceof Http2DataFrame data) {
                text.append(data.content().toString(StandardCharsets.UTF_8));
                end = data.isEndStream();
            }
            ReferenceCountUtil.release(msg);
            if (end) {
                answer.complete(text.toString());
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof Http2ResetFrame reset) {
                answer.completeExceptionally(new IOException("reset " + reset.errorCode()));
            }
            ReferenceCountUtil.release(event);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            answer.completeExceptionally(new IOException("closed"));
        }
    }

    /** CONNECT, TLS and HTTP/2 through a proxy. */
    Client connect(InetSocketAddress proxy, X509Certificate trusted) throws Exception {
        SslContext tls =
                SslContextBuilder.forClient()
                        .sslProvider(SslProvider.JDK)
                        .trustManager(trusted)
                        .applicationProtocolConfig(h2())
                        .build();
        CompletableFuture<Client> ready = new CompletableFuture<>();
        Channel channel =
                new Bootstrap()
                        .group(group)
                        .channel(NioSocketChannel.class)
                        .handler(new Opener(tls, ready))
                        .connect(proxy)
                        .sync()
                        .channel();
        channel.writeAndFlush(
                Unpooled.copiedBuffer(
                        "CONNECT chat.test:443 HTTP/1.1\r\n\r\n", StandardCharsets.US_ASCII));
        return ready.get(5, TimeUnit.SECONDS);
    }

    /** Waits for the proxy's 200, then makes the connection HTTP/2. */
    private static final class Opener extends SimpleChannelInboundHandler<ByteBuf> {
        private final SslContext tls;
        private final CompletableFuture<Client> ready;

        Opener(SslContext tls, CompletableFuture<Client> ready) {
            this.tls = tls;
            this.ready = ready;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf msg) {
            if (!msg.toString(StandardCharsets.US_ASCII).startsWith("HTTP/1.1 200")) {
                ready.completeExceptionally(new IOException("no tunnel"));
                return;
            }
            SslHandler handler = tls.newHandler(ctx.alloc(), "chat.test", 443);
            Client client = new Client(ctx.channel());
            ctx.pipeline()
                    .addLast(
                            handler,
                            Http2FrameCodecBuilder.forClient().build(),
                            new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()),
                            new SimpleChannelInboundHandler<Object>() {
                                @Override
                                protected void channelRead0(ChannelHandlerContext c, Object frame) {
                                    if (frame instanceof Http2PingFrame ping && ping.ack()) {
                                        client.pongs.add(ping.content());
                                    }
                                }
                            });
            handler.handshakeFuture()
                    .addListener(f -> {
                        if (f.isSuccess()) {
                            ready.complete(client);
                        } else {
                            ready.completeExceptionally(f.cause());
                        }
                    });
            ctx.pipeline().remove(this);
        }
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
