// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector;

import java.util.List;
import java.util.Locale;

/**
 * A company's HTTP proxy as the way out (RFC 9110 §9.3.6). It resolves the names of services then.
 *
 * @param host name or address, without brackets
 * @param port 1 … 65535
 * @param bypass who is reached directly all the same: a host with all below it, or {@code <local>}
 *     for names without a dot
 */
public record UpstreamProxy(String host, int port, List<String> bypass) {
    /** Stands for every name without a dot. */
    public static final String LOCAL = "<local>";

    public UpstreamProxy {
        bypass =
                bypass.stream()
                        .map(b -> b.toLowerCase(Locale.ROOT))
                        .map(b -> b.startsWith("*.") ? b.substring(2) : b)
                        .map(b -> b.startsWith(".") ? b.substring(1) : b)
                        .toList();
    }

    /** Whether connections to this host go by the proxy; this machine itself never does. */
    public boolean leadsTo(String toHost) {
        String name = toHost.toLowerCase(Locale.ROOT);
        if (name.equals("localhost") || name.startsWith("127.") || name.equals("::1")) {
            return false;
        }
        for (String near : bypass) {
            boolean local = near.equals(LOCAL) && name.indexOf('.') < 0 && name.indexOf(':') < 0;
            if (local || name.equals(near) || name.endsWith("." + near)) {
                return false;
            }
        }
        return true;
    }

    /** {@code HOST:PORT}, an IPv6 address in brackets. */
    public static String authority(String host, int port) {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }

    /** {@code http://HOST:PORT}. */
    @Override
    public String toString() {
        return "http://" + authority(host, port);
    }
}
