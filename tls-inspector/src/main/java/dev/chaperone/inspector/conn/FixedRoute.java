// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import dev.chaperone.inspector.http.RequestHead;
import io.netty.handler.codec.http.HttpRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All requests of a connection that was opened for one host; one that names another host goes
 * nowhere (421).
 */
final class FixedRoute implements Http1ClientLeg.Route {
    private final HostSession session;
    private final String scheme;
    private final String host;
    private final int port;
    private UpstreamLeg.Opener opener;

    FixedRoute(
            HostSession session, String scheme, String host, int port, UpstreamLeg.Opener opener) {
        this.session = session;
        this.scheme = scheme;
        this.host = host;
        this.port = port;
        this.opener = opener;
    }

    void use(UpstreamLeg.Opener other) {
        opener = other;
    }

    @Override
    public Http1ClientLeg.@Nullable Target target(HttpRequest request) {
        // Two Host fields are one too many (RFC 9112 §3.2): the service might take the other one.
        List<String> named = request.headers().getAll("host");
        if (named.size() > 1
                || named.size() == 1 && !Http2ClientLeg.host(named.getFirst()).equals(host)) {
            return null;
        }
        String authority = RequestHead.authorityOf(request.uri());
        if (!authority.isEmpty() && !Http2ClientLeg.host(authority).equals(host)) {
            return null; // it beats the Host field (RFC 9112 §3.2.2)
        }
        return new Http1ClientLeg.Target(session, scheme, host, port, request.uri(), opener);
    }
}
