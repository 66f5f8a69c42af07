// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import dev.chaperone.inspector.catalogue.Catalogue;
import dev.chaperone.inspector.tls.ClientHello;
import dev.chaperone.inspector.tls.TlsEngines;
import dev.chaperone.model.service.AiService;
import dev.chaperone.pki.ServiceCertificates.Leaf;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Opens one connection to an AI service (DESIGN §4.8): peeks at the client's hello, connects to the
 * service with the protocols and the key exchange the client offered, then shakes hands with the
 * client by what the service chose. The two connections belong together from then on: one ends, the
 * other ends.
 */
final class Interception extends ChannelInboundHandlerAdapter {
    private static final int HELLO_SECONDS = 10;

    /** Bytes that are kept from a client that does not wait for our part of the handshake. */
    private static final int MAX_EARLY = 64 * 1024;

    /** TLS alert record: fatal, no_application_protocol (RFC 7301 §3.2). */
    private static final byte[] NO_APPLICATION_PROTOCOL = {21, 3, 3, 0, 2, 2, 120};

    /** TLS alert record: fatal, unrecognized_name (RFC 6066 §3). */
    private static final byte[] UNRECOGNIZED_NAME = {21, 3, 3, 0, 2, 2, 112};

    /** TLS alert record: fatal, decode_error (RFC 8446 §6.2). */
    private static final byte[] DECODE_ERROR = {21, 3, 3, 0, 2, 2, 50};

    private final ProxyContext proxy;
    private final HostSession session;
    private final AiService service;
    private final String host;
    private final int port;
    private ByteBuf peeked = Unpooled.EMPTY_BUFFER;
    private boolean decided;
    private io.netty.util.concurrent.@Nullable Future<?> timer;
    private @Nullable Channel upstream;

    Interception(
            ProxyContext proxy, HostSession session, AiService service, String host, int port) {
        this.proxy = proxy;
        this.session = session;
        this.service = service;
        this.host = host;
        this.port = port;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        timer = ctx.executor().schedule(() -> ctx.close(), HELLO_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        ByteBuf bytes = (ByteBuf) msg;
        // Copied behind each other: buffers that wrap buffers would nest as deep as a client likes.
        peeked = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), peeked, bytes);
        if (decided) {
            if (peeked.readableBytes() > MAX_EARLY) {
                ctx.channel().config().setAutoRead(false); // on again when somebody takes them
            }
            return;
        }
        switch (ClientHello.peek(peeked.nioBuffer())) {
            case ClientHello.Peek.NeedMore _ -> {}
            case ClientHello.Peek.Hello(ClientHello hello) -> decided(() -> hello(ctx, hello));
            case ClientHello.Peek.NotTls _ -> decided(() -> plain(ctx));
            case ClientHello.Peek.Malformed _ ->
                    decided(() -> alert(ctx, DECODE_ERROR, "CHP-IN-003"));
        }
    }

    private void decided(Runnable next) {
        decided = true;
        if (timer != null) {
            timer.cancel(false);
        }
        next.run();
    }

    private void hello(ChannelHandlerContext ctx, ClientHello hello) {
        if (!hello.serverName().isEmpty() && !hello.serverName().equals(host)) {
            alert(ctx, UNRECOGNIZED_NAME, "CHP-IN-004");
            return;
        }
        if (!proxy.certificates().vouches(service.id(), Catalogue.literalHosts(service), host)) {
            tunnel(ctx);
            return;
        }
        List<String> offer = new ArrayList<>(hello.alpn());
        offer.retainAll(List.of(TlsEngines.H2, TlsEngines.HTTP_1_1));
        if (hello.hasAlpn() && offer.isEmpty()) {
            alert(ctx, NO_APPLICATION_PROTOCOL, "CHP-IN-005");
            return;
        }
        Promise<Leaf> leaf = ctx.executor().newPromise();
        proxy.blocking().execute(() -> mint(leaf));
        Future<Channel> connecting =
                proxy.connector()
                        .connect(
                                ctx.channel().eventLoop(),
                                host,
                                port,
                                () -> upstreamTls(offer, hello.offersPostQuantum()));
        connecting.addListener(_ -> {
            if (!connecting.isSuccess()) {
                explain(ctx, leaf, offer, ConnectFailure.of(connecting.cause()));
                return;
            }
            Channel channel = connecting.getNow();
            upstream = channel;
            if (!ctx.channel().isActive()) {
                channel.close();
                return;
            }
            channel.config().setAutoRead(true);
            channel.pipeline()
                    .get(SslHandler.class)
                    .handshakeFuture()
                    .addListener(f -> {
                        if (f.isSuccess()) {
                            channel.config().setAutoRead(false);
                            mirrored(ctx, leaf, channel);
                        } else {
                            upstreamRefused(ctx, leaf, offer, f.cause());
                        }
                    });
        });
    }

    /**
     * The organisation signed nothing for this host: no chain of ours would hold, so that the bytes
     * pass as they are, and that is said (DESIGN §2 rule 12).
     */
    private void tunnel(ChannelHandlerContext ctx) {
        proxy.counters().withoutCertificate.increment();
        proxy.gate().passedUnopened(service.id(), host, "CHP-TLS-030");
        ctx.channel().config().setAutoRead(false);
        Future<Channel> connecting =
                proxy.connector()
                        .connect(
                                ctx.channel().eventLoop(),
                                host,
                                port,
                                ChannelInboundHandlerAdapter::new);
        connecting.addListener(_ -> {
            if (!connecting.isSuccess()) {
                ctx.close();
                return;
            }
            upstream = connecting.getNow();
            Tunnel.join(ctx.channel(), connecting.getNow());
            ctx.pipeline().remove(this); // hands on the hello
        });
    }

    private void mint(Promise<Leaf> leaf) {
        try {
            leaf.trySuccess(
                    proxy.certificates().leaf(service.id(), Catalogue.literalHosts(service), host));
        } catch (RuntimeException e) {
            leaf.tryFailure(e);
        }
    }

    private ChannelInitializer<Channel> upstreamTls(List<String> offer, boolean postQuantum) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                SslHandler tls =
                        proxy.engines()
                                .client(
                                        channel.alloc(),
                                        host,
                                        port,
                                        offer,
                                        postQuantum,
                                        proxy.blocking());
                tls.setHandshakeTimeoutMillis(proxy.settings().connectTimeout().toMillis());
                channel.pipeline().addLast("tls", tls);
                channel.pipeline().addLast(EarlyBytes.NAME, new EarlyBytes());
            }
        };
    }

    /** The service agreed: shake hands with the client by the protocol the service chose. */
    private void mirrored(ChannelHandlerContext ctx, Promise<Leaf> leaf, Channel channel) {
        String chosen = channel.pipeline().get(SslHandler.class).applicationProtocol();
        String alpn = chosen == null ? "" : chosen;
        accept(
                ctx,
                leaf,
                alpn,
                () -> {
                    if (!channel.isActive()) {
                        serve(
                                ctx,
                                alpn,
                                DeadUpstream.because(ConnectFailure.of("CHP-UP-003")),
                                null);
                    } else if (alpn.equals(TlsEngines.H2)) {
                        Http2Codecs.client(channel.pipeline(), proxy.settings().maxHead());
                        channel.closeFuture().addListener(_ -> ctx.close());
                        ctx.channel().closeFuture().addListener(_ -> channel.close());
                        serve(ctx, alpn, Http2UpstreamLeg.on(channel), null);
                        EarlyBytes.handOn(channel.pipeline());
                        channel.config().setAutoRead(true);
                    } else {
                        serve(
                                ctx,
                                alpn,
                                DeadUpstream.because(ConnectFailure.of("CHP-UP-003")),
                                channel);
                    }
                });
    }

    private void upstreamRefused(
            ChannelHandlerContext ctx,
            Promise<Leaf> leaf,
            List<String> offer,
            @Nullable Throwable why) {
        if (why != null
                && String.valueOf(why.getMessage())
                        .toLowerCase(java.util.Locale.ROOT)
                        .contains("application_protocol")) {
            alert(ctx, NO_APPLICATION_PROTOCOL, "CHP-IN-005"); // the service's own answer, mirrored
            return;
        }
        explain(
                ctx,
                leaf,
                offer,
                ConnectFailure.of(causedByCertificate(why) ? "CHP-UP-002" : "CHP-UP-004"));
    }

    private static boolean causedByCertificate(@Nullable Throwable why) {
        for (Throwable t = why; t != null; t = t.getCause()) {
            if (t instanceof CertificateException
                    || t instanceof java.security.cert.CertPathValidatorException) {
                return true;
            }
        }
        return false;
    }

    /** The service cannot be used: finish the client's handshake, so that it can read why. */
    private void explain(
            ChannelHandlerContext ctx,
            Promise<Leaf> leaf,
            List<String> offer,
            ConnectFailure failure) {
        String alpn =
                offer.contains(TlsEngines.HTTP_1_1)
                        ? TlsEngines.HTTP_1_1
                        : offer.isEmpty() ? "" : offer.getFirst();
        accept(ctx, leaf, alpn, () -> serve(ctx, alpn, DeadUpstream.because(failure), null));
    }

    private void accept(
            ChannelHandlerContext ctx, Promise<Leaf> minted, String alpn, Runnable then) {
        minted.addListener(_ -> {
            if (!minted.isSuccess() || !ctx.channel().isActive()) {
                ctx.close();
                return;
            }
            SslHandler tls =
                    proxy.engines().server(ctx.alloc(), alpn, minted.getNow(), proxy.blocking());
            tls.setHandshakeTimeoutMillis(proxy.settings().connectTimeout().toMillis());
            tls.handshakeFuture()
                    .addListener(f -> {
                        if (f.isSuccess()) {
                            then.run();
                            EarlyBytes.handOn(ctx.channel().pipeline());
                        } else {
                            // The usual reason for an alert: the client does not trust our root.
                            // A client that just closes (a spare connection) means nothing by it.
                            if (!(f.cause() instanceof ClosedChannelException)) {
                                proxy.gate().failed(service.id(), host, "CHP-TLS-001");
                            }
                            closeUpstream();
                            ctx.close();
                        }
                    });
            ctx.channel().config().setAutoRead(false);
            ChannelPipeline pipeline = ctx.pipeline();
            pipeline.addLast("tls", tls);
            pipeline.addLast(EarlyBytes.NAME, new EarlyBytes());
            pipeline.remove(this);
            ctx.channel().config().setAutoRead(true);
        });
    }

    /** Hands the peeked bytes to the handler that was added behind us. */
    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        ByteBuf bytes = peeked;
        peeked = Unpooled.EMPTY_BUFFER;
        if (bytes.isReadable()) {
            ctx.fireChannelRead(bytes);
            ctx.fireChannelReadComplete();
        } else {
            bytes.release();
        }
    }

    /** No TLS after CONNECT: plain HTTP to an opened host is inspected all the same. */
    private void plain(ChannelHandlerContext ctx) {
        ctx.channel().config().setAutoRead(false);
        Future<Channel> connecting =
                proxy.connector()
                        .connect(
                                ctx.channel().eventLoop(),
                                host,
                                port,
                                ChannelInboundHandlerAdapter::new);
        connecting.addListener(_ -> {
            Channel channel = connecting.isSuccess() ? connecting.getNow() : null;
            ConnectFailure failure = ConnectFailure.of(connecting.cause());
            serve(ctx, "", DeadUpstream.because(failure), channel);
            ctx.pipeline().remove(this);
            ctx.channel().config().setAutoRead(true);
        });
    }

    /**
     * Installs the client's codec.
     *
     * @param http1 the connected upstream of an HTTP/1.1 connection, or null to use {@code opener}
     */
    private void serve(
            ChannelHandlerContext ctx,
            String alpn,
            UpstreamLeg.Opener opener,
            @Nullable Channel http1) {
        ChannelPipeline pipeline = ctx.channel().pipeline();
        int maxHead = proxy.settings().maxHead();
        if (alpn.equals(TlsEngines.H2)) {
            Http2Codecs.server(
                    pipeline,
                    maxHead,
                    new ChannelInitializer<Channel>() {
                        @Override
                        protected void initChannel(Channel stream) {
                            stream.pipeline()
                                    .addLast(new Http2ClientLeg(proxy, session, port, opener));
                        }
                    },
                    () -> {
                        proxy.counters().malformed.increment();
                        proxy.gate().failed(service.id(), host, "CHP-IN-001");
                    });
            return;
        }
        String scheme = pipeline.get("tls") == null ? "http" : "https";
        Http1Codec.ResponseEncoder encoder = new Http1Codec.ResponseEncoder();
        FixedRoute route = new FixedRoute(session, scheme, host, port, opener);
        Http1ClientLeg leg = new Http1ClientLeg(proxy, route, encoder);
        pipeline.addLast("http-decoder", Http1Codec.requestDecoder(maxHead));
        pipeline.addLast("http-encoder", encoder);
        pipeline.addLast("leg", leg);
        if (http1 != null) {
            Http1UpstreamLeg answering =
                    new Http1UpstreamLeg(
                            maxHead,
                            leg::upstreamClosed,
                            () -> proxy.gate().failed(service.id(), host, "CHP-UP-005"));
            route.use(answering::serve);
            ctx.channel().closeFuture().addListener(_ -> http1.close());
            answering.attach(http1);
            EarlyBytes.handOn(http1.pipeline());
        }
    }

    private void alert(ChannelHandlerContext ctx, byte[] record, String code) {
        proxy.counters().malformed.increment();
        proxy.gate().failed(service.id(), host, code);
        closeUpstream();
        ctx.writeAndFlush(Unpooled.wrappedBuffer(record)).addListener(ChannelFutureListener.CLOSE);
    }

    private void closeUpstream() {
        if (upstream != null) {
            upstream.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (timer != null) {
            timer.cancel(false);
        }
        closeUpstream();
        peeked.release();
        peeked = Unpooled.EMPTY_BUFFER;
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        closeUpstream();
        ctx.close();
    }
}
