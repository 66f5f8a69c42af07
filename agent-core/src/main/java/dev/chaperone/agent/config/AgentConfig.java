// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.config;

import dev.chaperone.inspector.UpstreamProxy;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The agent's configuration. Keys are dashed; units stand in the value.
 *
 * @param listen {@code listen}: HOST:PORT, port 0 picks a free one
 * @param allowRemote {@code allow-remote}: whether an address off loopback may be listened on
 * @param maxInspectedBody {@code max-inspected-body}: bytes of a request body held for inspection;
 *     64 KiB … 64 MiB
 * @param decisionTimeout {@code decision-timeout}: upper bound of a decision; what a timeout means
 *     is policy
 * @param connectTimeout {@code connect-timeout}: TCP and TLS to an upstream
 * @param drainTimeout {@code drain-timeout}: how long a stop waits for held requests; at most 5 s
 * @param pacDirect {@code pac-direct}: whether a browser may go direct when the proxy is dead
 * @param nativeTls {@code native-tls}: BoringSSL where it loads
 * @param nativeTransport {@code native-transport}: epoll where it loads
 * @param trustBundle {@code trust-bundle}: PEM bundle of trust anchors; empty finds the
 *     distribution's
 * @param policy {@code policy}: policy file; empty is the shipped baseline
 * @param services {@code services}: further catalogue files
 * @param socket {@code socket}: where user interfaces connect; empty finds the user's place
 * @param socketForEveryUser {@code socket-for}: {@code every-user} for the machine's service, each
 *     user seeing its own only; {@code own-user} otherwise
 * @param health {@code health}: loopback HOST:PORT of {@code /livez} and {@code /metrics}; empty
 *     for none
 * @param chainedPac {@code chained-pac}: PAC file that decides about hosts that are not opened;
 *     empty sends them direct
 * @param upstreamProxy {@code upstream-proxy}: the company's HTTP proxy as the way out; empty goes
 *     direct
 * @param upstreamProxyBypass {@code upstream-proxy-bypass}: hosts, with all below them, that are
 *     reached directly all the same
 */
public record AgentConfig(
        HostPort listen,
        boolean allowRemote,
        int maxInspectedBody,
        Duration decisionTimeout,
        Duration connectTimeout,
        Duration drainTimeout,
        boolean pacDirect,
        boolean nativeTls,
        boolean nativeTransport,
        Optional<Path> trustBundle,
        Optional<Path> policy,
        List<Path> services,
        Optional<Path> socket,
        boolean socketForEveryUser,
        Optional<HostPort> health,
        Optional<Path> chainedPac,
        Optional<HostPort> upstreamProxy,
        List<String> upstreamProxyBypass) {
    public AgentConfig {
        services = List.copyOf(services);
        upstreamProxyBypass = List.copyOf(upstreamProxyBypass);
    }

    /** The company's proxy with who goes past it. */
    public Optional<UpstreamProxy> wayOut() {
        return upstreamProxy.map(p -> new UpstreamProxy(p.host(), p.port(), upstreamProxyBypass));
    }

    /** What holds without a file. */
    public static final AgentConfig DEFAULTS =
            new AgentConfig(
                    new HostPort("127.0.0.1", 8421),
                    false,
                    8 << 20,
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(5),
                    true,
                    true,
                    true,
                    Optional.empty(),
                    Optional.empty(),
                    List.of(),
                    Optional.empty(),
                    false,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    List.of());

    /**
     * A host and a port.
     *
     * @param host name or address without brackets
     * @param port 0 … 65535
     */
    public record HostPort(String host, int port) {
        /**
         * Reads {@code HOST:PORT} or {@code [IPV6]:PORT}.
         *
         * @throws IllegalArgumentException when it is neither
         */
        public static HostPort parse(String text) {
            int colon = text.lastIndexOf(':');
            if (colon <= 0) {
                throw new IllegalArgumentException("expected HOST:PORT");
            }
            String host = text.substring(0, colon);
            if (host.startsWith("[") && host.endsWith("]")) {
                host = host.substring(1, host.length() - 1);
            }
            try {
                int port = Integer.parseInt(text.substring(colon + 1));
                if (port >= 0 && port <= 65535) {
                    return new HostPort(host, port);
                }
            } catch (NumberFormatException e) {
                // Said below, with the range.
            }
            throw new IllegalArgumentException("a port is 0 … 65535");
        }

        /** Where a socket listens. */
        public static HostPort of(InetSocketAddress address) {
            return new HostPort(address.getAddress().getHostAddress(), address.getPort());
        }

        /** {@code HOST:PORT}, an IPv6 address in brackets: what {@link #parse} reads. */
        @Override
        public String toString() {
            return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
        }
    }
}
