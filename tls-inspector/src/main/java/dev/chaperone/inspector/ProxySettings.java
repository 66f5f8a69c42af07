// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Addresses and limits of the proxy.
 *
 * @param listenHost loopback address, or any with {@code --allow-remote}
 * @param listenPort 0 … 65535; 0 picks a free one
 * @param connectTo replaced upstream addresses, as in curl's {@code --connect-to}
 * @param maxInspectedBody bytes of a request body that are held for inspection; a larger body is
 *     the policy's oversize case
 * @param maxHead bytes of a request line with its headers
 * @param decisionTimeout upper bound of a decision; what a timeout means is policy
 * @param connectTimeout for TCP and TLS to an upstream
 * @param drainTimeout how long a stop waits for held requests
 * @param nativeTransport epoll where it loads; false forces NIO
 * @param nativeTls BoringSSL where it loads; false forces the JDK's engine
 * @param pacDirect whether {@code proxy.pac} lets a browser go direct when the proxy is dead
 * @param trustBundle the operating system's PEM bundle
 * @param extraTrust further PEM files with trust anchors
 * @param chainedPac PAC file of somebody else that {@code proxy.pac} asks about every other host;
 *     its absence is none
 * @param upstreamProxy the company's proxy as the way out; empty connects to services directly
 */
public record ProxySettings(
        String listenHost,
        int listenPort,
        List<ConnectTo> connectTo,
        int maxInspectedBody,
        int maxHead,
        Duration decisionTimeout,
        Duration connectTimeout,
        Duration drainTimeout,
        boolean nativeTransport,
        boolean nativeTls,
        boolean pacDirect,
        Path trustBundle,
        List<Path> extraTrust,
        Optional<Path> chainedPac,
        Optional<UpstreamProxy> upstreamProxy) {
    public ProxySettings {
        connectTo = List.copyOf(connectTo);
        extraTrust = List.copyOf(extraTrust);
    }

    /**
     * One {@code HOST:PORT:HOST:PORT}: connections to the first pair go to the second. An empty
     * host or port 0 of the first pair matches any.
     */
    public record ConnectTo(String host, int port, String toHost, int toPort) {
        /**
         * Parses curl's notation.
         *
         * @throws IllegalArgumentException when it is not four fields
         */
        public static ConnectTo parse(String text) {
            String[] f = text.split(":", -1);
            if (f.length != 4) {
                throw new IllegalArgumentException("expected HOST:PORT:HOST:PORT");
            }
            return new ConnectTo(f[0], port(f[1]), f[2], port(f[3]));
        }

        private static int port(String text) {
            int value = text.isEmpty() ? 0 : Integer.parseInt(text);
            if (value < 0 || value > 65535) {
                throw new IllegalArgumentException("a port is 0 … 65535");
            }
            return value;
        }

        public boolean covers(String toThisHost, int toThisPort) {
            return (host.isEmpty() || host.equalsIgnoreCase(toThisHost))
                    && (port == 0 || port == toThisPort);
        }
    }
}
