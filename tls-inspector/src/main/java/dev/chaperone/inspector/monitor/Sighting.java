// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.monitor;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A watched host was asked for by a connection on the wire.
 *
 * @param host the server name of the hello, lower case
 * @param encryptedHello the hello encloses another: the name may be that of a front
 * @param flow the connection; by QUIC when {@link Flow#datagrams()}
 */
public record Sighting(String host, boolean encryptedHello, Flow flow) {
    private static final Pattern HOST = Pattern.compile("[a-z0-9_][a-z0-9_.-]{0,252}");
    private static final int FIELDS = 8;
    private static final int MAX_PORT = 65535;

    /** One line for the agent: {@code seen tcp HOST ADDRESS PORT ADDRESS PORT plain}. */
    String line() {
        return String.join(
                " ",
                "seen",
                flow.datagrams() ? "quic" : "tcp",
                host,
                flow.client().getAddress().getHostAddress(),
                Integer.toString(flow.client().getPort()),
                flow.server().getAddress().getHostAddress(),
                Integer.toString(flow.server().getPort()),
                encryptedHello ? "ech" : "plain");
    }

    /**
     * Reads such a line. Whoever wrote it has parsed bytes of strangers: anything else is empty.
     */
    public static Optional<Sighting> parse(String line) {
        String[] f = line.split(" ", -1);
        if (f.length != FIELDS || !f[0].equals("seen") || !HOST.matcher(f[2]).matches()) {
            return Optional.empty();
        }
        try {
            Flow flow = new Flow(f[1].equals("quic"), address(f[3], f[4]), address(f[5], f[6]));
            return Optional.of(new Sighting(f[2], f[7].equals("ech"), flow));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static InetSocketAddress address(String literal, String port) {
        int number = Integer.parseInt(port);
        if (number < 1 || number > MAX_PORT) {
            throw new IllegalArgumentException("a port is 1 to 65535");
        }
        return new InetSocketAddress(InetAddress.ofLiteral(literal), number);
    }
}
