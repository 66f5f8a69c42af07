// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import dev.chaperone.inspector.tls.InterceptDecision;
import dev.chaperone.inspector.tls.OpenHosts;
import dev.chaperone.model.prompt.ClientProcess;
import dev.chaperone.model.service.AiService;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.concurrent.Future;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Requests in absolute form (RFC 9112 §3.2.2): plain HTTP through the proxy, each request to its
 * own host on its own upstream connection. Hosts that are not opened pass unparsed.
 */
final class PlainRoute implements Http1ClientLeg.Route {
    private final ProxyContext proxy;
    private final Channel client;
    private final CompletableFuture<ClientProcess> owner;
    private final HeldExchanges held;

    PlainRoute(
            ProxyContext proxy,
            Channel client,
            CompletableFuture<ClientProcess> owner,
            HeldExchanges held) {
        this.proxy = proxy;
        this.client = client;
        this.owner = owner;
        this.held = held;
    }

    void install(ChannelPipeline pipeline) {
        Http1Codec.ResponseEncoder encoder = new Http1Codec.ResponseEncoder();
        pipeline.addLast("http-decoder", Http1Codec.requestDecoder(proxy.settings().maxHead()));
        pipeline.addLast("http-encoder", encoder);
        pipeline.addLast("leg", new Http1ClientLeg(proxy, this, encoder));
    }

    @Override
    public Http1ClientLeg.@Nullable Target target(HttpRequest request) {
        String uri = request.uri();
        if (!uri.regionMatches(true, 0, "http://", 0, 7)) {
            return null;
        }
        int slash = uri.indexOf('/', 7);
        int query = uri.indexOf('?', 7);
        int end = slash < 0 ? query : query < 0 ? slash : Math.min(slash, query);
        String path =
                end < 0
                        ? "/"
                        : uri.charAt(end) == '?' ? "/" + uri.substring(end) : uri.substring(end);
        Optional<FrontHandler.Authority> authority =
                FrontHandler.Authority.parse(
                        end < 0 ? uri.substring(7) : uri.substring(7, end), 80);
        if (authority.isEmpty()) {
            return null;
        }
        FrontHandler.Authority to = authority.get();
        OpenHosts hosts = proxy.openHosts().get();
        AiService service =
                hosts.decide(to.host(), to.port())
                                        instanceof InterceptDecision.Intercept(var opened)
                                && !passes(opened, to.host())
                        ? opened
                        : null;
        HostSession session =
                new HostSession(proxy, hosts.catalogue(), service, to.host(), owner, held);
        return new Http1ClientLeg.Target(
                session, "http", to.host(), to.port(), path, flow -> open(flow, to));
    }

    /** Whether its user paused: a request is then counted and not read. */
    private boolean passes(AiService service, String host) {
        ClientProcess user = owner.getNow(ClientProcess.UNKNOWN);
        if (!proxy.gate().isPaused(user)) {
            return false;
        }
        proxy.counters().paused.increment();
        proxy.gate().passedPaused(service.id(), host, user);
        return true;
    }

    private UpstreamLeg open(ExchangeFlow flow, FrontHandler.Authority to) {
        Http1UpstreamLeg leg =
                new Http1UpstreamLeg(
                                proxy.settings().maxHead(),
                                () -> {},
                                () -> {},
                                proxy.connector().plainTarget(to.host(), to.port()))
                        .serve(flow);
        Future<Channel> connecting =
                proxy.connector()
                        .connectPlain(
                                client.eventLoop(),
                                to.host(),
                                to.port(),
                                ChannelInboundHandlerAdapter::new);
        connecting.addListener(_ -> {
            if (connecting.isSuccess()) {
                leg.attach(connecting.getNow());
            } else {
                leg.failed(ConnectFailure.of(connecting.cause()));
            }
        });
        return leg;
    }
}
