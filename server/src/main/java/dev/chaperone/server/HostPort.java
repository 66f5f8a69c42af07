// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server;

import java.net.URI;

/**
 * Where to listen.
 *
 * @param host name or address, IPv6 without brackets
 * @param port 0 to 65535; 0 picks a free one
 */
public record HostPort(String host, int port) {
    public HostPort {
        if (host.isBlank() || port < 0 || port > 65535) {
            throw new IllegalArgumentException("expected HOST:PORT, the port 0 to 65535");
        }
    }

    /**
     * Reads {@code HOST:PORT}, an IPv6 address in brackets.
     *
     * @throws IllegalArgumentException when it is none
     */
    public static HostPort parse(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.contains(":")) {
            host = ""; // an IPv6 address without brackets: which colon is the port's?
        }
        if (host.isEmpty() || !text.substring(colon + 1).matches("\\d{1,5}")) {
            throw new IllegalArgumentException("expected HOST:PORT, the port 0 to 65535");
        }
        return new HostPort(host, Integer.parseInt(text.substring(colon + 1)));
    }

    /** {@code https://host:port}. */
    URI https() {
        return URI.create("https://" + this);
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
