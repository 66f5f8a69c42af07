// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.monitor;

/**
 * The text of the kernel's filter (pcap-filter(7)): beginnings and ends of TCP connections to port
 * 443, their segments that carry something, QUIC's packets with a long header. Acknowledgements,
 * QUIC's data and muted connections are not copied.
 */
final class CaptureFilter {
    private static final String TCP4 =
            "ip and tcp dst port 443 and (tcp[13] & 7 != 0 or"
                    + " (ip[2:2] - ((ip[0] & 0xf) << 2) - ((tcp[12] & 0xf0) >> 2) != 0";
    private static final String UDP4 = "ip and udp dst port 443 and udp[8] & 0x80 != 0";
    private static final String TCP6 =
            "ip6 and tcp dst port 443 and (ip6[53] & 7 != 0 or"
                    + " (ip6[4:2] - ((ip6[52] & 0xf0) >> 2) != 0";
    private static final String UDP6 = "ip6 and udp dst port 443 and ip6[48] & 0x80 != 0";

    /** Extension headers are rare and hide the port from the filter. */
    private static final String EXTENDED6 =
            "ip6 and (ip6[6] = 0 or ip6[6] = 43 or ip6[6] = 51 or ip6[6] = 60)";

    private CaptureFilter() {}

    /**
     * Writes the filter.
     *
     * @param muted TCP connections of which only SYN, FIN and RST are copied
     */
    static String text(Iterable<Flow> muted) {
        StringBuilder four = new StringBuilder();
        StringBuilder six = new StringBuilder();
        for (Flow flow : muted) {
            boolean old = flow.server().getAddress().getAddress().length == 4;
            (old ? four : six)
                    .append(" and not (src port ")
                    .append(flow.client().getPort())
                    .append(" and dst host ")
                    .append(flow.server().getAddress().getHostAddress())
                    .append(')');
        }
        return "("
                + String.join(
                        ") or (", TCP4 + four + "))", UDP4, TCP6 + six + "))", UDP6, EXTENDED6)
                + ")";
    }
}
