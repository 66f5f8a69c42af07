// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import dev.chaperone.inspector.tls.OpenHosts;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** Renders {@code proxy.pac}: a browser sends opened hosts here and everything else direct. */
final class ProxyAutoConfig {
    private ProxyAutoConfig() {}

    /**
     * @param direct adds {@code ; DIRECT}: with the proxy dead a browser goes direct instead of
     *     failing
     */
    static String render(OpenHosts hosts, InetSocketAddress proxy, boolean direct) {
        List<String> exact = new ArrayList<>();
        List<String> suffixes = new ArrayList<>();
        for (String pattern : hosts.openPatterns()) {
            if (pattern.startsWith("*.")) {
                suffixes.add("\"" + pattern.substring(1) + "\": 1");
            } else {
                exact.add("\"" + pattern + "\": 1");
            }
        }
        String address = proxy.getAddress().getHostAddress();
        String through =
                "PROXY "
                        + (address.indexOf(':') >= 0 ? "[" + address + "]" : address)
                        + ":"
                        + proxy.getPort()
                        + (direct ? "; DIRECT" : "");
        return """
        // Chaperone: AI services go through the local proxy, everything else goes direct.
        var exact = {%s};
        var suffixes = {%s};
        function FindProxyForURL(url, host) {
          host = host.toLowerCase();
          if (exact[host] === 1) return "%s";
          for (var i = host.indexOf("."); i >= 0; i = host.indexOf(".", i + 1))
            if (suffixes[host.substring(i)] === 1) return "%s";
          return "DIRECT";
        }
        """
                .formatted(String.join(", ", exact), String.join(", ", suffixes), through, through);
    }
}
