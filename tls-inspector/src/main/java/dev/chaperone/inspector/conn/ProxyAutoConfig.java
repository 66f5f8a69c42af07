// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import dev.chaperone.inspector.tls.OpenHosts;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Renders {@code proxy.pac}: a browser sends opened hosts here and everything else direct, or where
 * the PAC file of somebody else says.
 */
final class ProxyAutoConfig {
    private static final long MOST = 1 << 20;

    private ProxyAutoConfig() {}

    /**
     * @param direct adds {@code ; DIRECT}: with the proxy dead a browser goes direct instead of
     *     failing
     * @param chained the other PAC file; one that is not there or over 1 MiB is none
     */
    static String render(
            OpenHosts hosts, InetSocketAddress proxy, boolean direct, Optional<Path> chained) {
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
                        + proxy.getPort();
        Optional<String> other = chained.flatMap(ProxyAutoConfig::read);
        return """
        // Chaperone: AI services go through the local proxy, everything else %s.
        var exact = {%s};
        var suffixes = {%s};
        var other = %s;
        function FindProxyForURL(url, host) {
          var name = host.toLowerCase();
          var ours = exact[name] === 1;
          for (var i = name.indexOf("."); !ours && i >= 0; i = name.indexOf(".", i + 1))
            ours = suffixes[name.substring(i)] === 1;
          var otherwise = other ? other(url, host) : "DIRECT";
          return ours ? "%s"%s : otherwise;
        }
        """
                .formatted(
                        other.isPresent() ? "goes where the other file says" : "goes direct",
                        String.join(", ", exact),
                        String.join(", ", suffixes),
                        // A scope of its own: what it defines meets nothing of ours.
                        other.map(t -> "(function() {\n" + t + "\nreturn FindProxyForURL; })()")
                                .orElse("null"),
                        through,
                        direct ? " + \"; \" + otherwise" : "");
    }

    private static Optional<String> read(Path file) {
        try {
            return Files.isRegularFile(file) && Files.size(file) <= MOST
                    ? Optional.of(Files.readString(file)).filter(t -> t.contains("FindProxyForURL"))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
