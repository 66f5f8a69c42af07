// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import io.netty.handler.codec.http.HttpRequest;
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
        String named = request.headers().get("host");
        if (named != null && !Http2ClientLeg.host(named).equals(host)) {
            return null;
        }
        return new Http1ClientLeg.Target(session, scheme, host, port, request.uri(), opener);
    }
}
