// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.monitor;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Takes a captured frame apart down to the payload of TCP or UDP. Link types: pcap-linktype(7). Any
 * bytes may come; what is not whole, not ours or not understood is empty, never an exception.
 */
final class Frames {
    static final int LOOPBACK = 0;
    static final int ETHERNET = 1;
    static final int RAW = 101;
    static final int OPENBSD_LOOPBACK = 108;
    static final int LINUX_COOKED = 113;
    static final int IPV4 = 228;
    static final int IPV6 = 229;
    static final int LINUX_COOKED_2 = 276;

    /** What libpcap itself says for raw IP, here and on OpenBSD. */
    private static final int DLT_RAW = 12;

    private static final int DLT_RAW_OPENBSD = 14;

    private static final int ETHERTYPE_IPV4 = 0x0800;
    private static final int ETHERTYPE_IPV6 = 0x86DD;
    private static final int MAX_TAGS = 4;
    private static final int MAX_EXTENSIONS = 8;
    private static final int ARPHRD_LOOPBACK = 772;
    private static final int OUTGOING = 4;
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int HTTPS = 443;

    private Frames() {}

    /**
     * Reads one frame.
     *
     * @param linkType a DLT or LINKTYPE value
     * @param frame as captured, perhaps cut off
     * @return empty unless it goes to port 443, and, where the link type tells, leaves this machine
     */
    static Optional<Packet> read(int linkType, byte[] frame) {
        ByteBuffer in = ByteBuffer.wrap(frame);
        try {
            return switch (linkType) { // as in knows
                case ETHERNET -> ethernet(in);
                case LINUX_COOKED -> cooked(in);
                case LINUX_COOKED_2 -> cooked2(in);
                case LOOPBACK, OPENBSD_LOOPBACK -> {
                    skip(in, 4); // the address family, in an order and with values of the system's
                    yield internet(in);
                }
                case RAW, DLT_RAW, DLT_RAW_OPENBSD, IPV4, IPV6 -> internet(in);
                default -> Optional.empty();
            };
        } catch (BufferUnderflowException e) {
            return Optional.empty();
        }
    }

    /** Whether frames of a link type are read at all. */
    static boolean knows(int linkType) {
        return switch (linkType) {
            case ETHERNET,
                    LINUX_COOKED,
                    LINUX_COOKED_2,
                    LOOPBACK,
                    OPENBSD_LOOPBACK,
                    RAW,
                    DLT_RAW,
                    DLT_RAW_OPENBSD,
                    IPV4,
                    IPV6 ->
                    true;
            default -> false;
        };
    }

    private static Optional<Packet> ethernet(ByteBuffer in) {
        skip(in, 12);
        return typed(in, u16(in));
    }

    private static Optional<Packet> cooked(ByteBuffer in) {
        int direction = u16(in);
        int hardware = u16(in);
        skip(in, 10);
        int type = u16(in);
        return leaves(direction, hardware) ? typed(in, type) : Optional.empty();
    }

    private static Optional<Packet> cooked2(ByteBuffer in) {
        int type = u16(in);
        skip(in, 6);
        int hardware = u16(in);
        int direction = u8(in);
        skip(in, 9);
        return leaves(direction, hardware) ? typed(in, type) : Optional.empty();
    }

    private static boolean leaves(int direction, int hardware) {
        return direction == OUTGOING && hardware != ARPHRD_LOOPBACK;
    }

    private static Optional<Packet> typed(ByteBuffer in, int ethertype) {
        int type = ethertype;
        for (int tags = 0; tags < MAX_TAGS && isTag(type); tags++) {
            skip(in, 2);
            type = u16(in);
        }
        return type == ETHERTYPE_IPV4 || type == ETHERTYPE_IPV6 ? internet(in) : Optional.empty();
    }

    /** IEEE 802.1Q, 802.1ad, and what came before it. */
    private static boolean isTag(int ethertype) {
        return ethertype == 0x8100 || ethertype == 0x88A8 || ethertype == 0x9100;
    }

    private static Optional<Packet> internet(ByteBuffer in) {
        return switch (in.get(checked(in, 1)) >> 4 & 0xF) {
            case 4 -> version4(in);
            case 6 -> version6(in);
            default -> Optional.empty();
        };
    }

    private static Optional<Packet> version4(ByteBuffer in) {
        int start = in.position();
        int header = (u8(in) & 0xF) * 4;
        skip(in, 1);
        int total = u16(in);
        skip(in, 2);
        int fragment = u16(in) & 0x1FFF;
        skip(in, 1);
        int protocol = u8(in);
        skip(in, 2);
        InetAddress from = address(in, 4);
        InetAddress to = address(in, 4);
        if (header < 20 || fragment != 0) {
            return Optional.empty();
        }
        end(in, total == 0 ? in.limit() : start + total); // 0: a segment that the card will cut
        skip(in, header - 20);
        return transport(in, protocol, from, to);
    }

    private static Optional<Packet> version6(ByteBuffer in) {
        skip(in, 4);
        int length = u16(in);
        int next = u8(in);
        skip(in, 1);
        InetAddress from = address(in, 16);
        InetAddress to = address(in, 16);
        end(in, length == 0 ? in.limit() : in.position() + length); // 0: as above, or a jumbogram
        for (int i = 0; i < MAX_EXTENSIONS; i++) {
            int header = next;
            switch (header) {
                case 0, 43, 60 -> { // hop by hop, routing, destination (RFC 8200 §4)
                    next = u8(in);
                    skip(in, u8(in) * 8 + 6);
                }
                case 51 -> { // authentication (RFC 4302)
                    next = u8(in);
                    skip(in, u8(in) * 4 + 6);
                }
                case 44 -> { // fragment
                    next = u8(in);
                    skip(in, 1);
                    if (u16(in) >> 3 != 0) {
                        return Optional.empty();
                    }
                    skip(in, 4);
                }
                default -> {
                    return transport(in, header, from, to);
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<Packet> transport(
            ByteBuffer in, int protocol, InetAddress from, InetAddress to) {
        return switch (protocol) {
            case TCP -> tcp(in, from, to);
            case UDP -> udp(in, from, to);
            default -> Optional.empty();
        };
    }

    private static Optional<Packet> tcp(ByteBuffer in, InetAddress from, InetAddress to) {
        int source = u16(in);
        int destination = u16(in);
        checked(in, 16);
        int sequence = in.getInt();
        skip(in, 4);
        int header = (u8(in) >> 4) * 4;
        int flags = u8(in);
        skip(in, 6);
        if (destination != HTTPS || header < 20) {
            return Optional.empty();
        }
        skip(in, header - 20);
        return Optional.of(
                new Packet(
                        flow(false, from, source, to),
                        sequence,
                        (flags & 2) != 0,
                        (flags & 5) != 0,
                        in.slice()));
    }

    private static Optional<Packet> udp(ByteBuffer in, InetAddress from, InetAddress to) {
        int source = u16(in);
        int destination = u16(in);
        int length = u16(in);
        skip(in, 2);
        if (destination != HTTPS) {
            return Optional.empty();
        }
        end(in, length == 0 ? in.limit() : in.position() + Math.max(0, length - 8));
        return Optional.of(new Packet(flow(true, from, source, to), 0, false, false, in.slice()));
    }

    private static Flow flow(boolean datagrams, InetAddress from, int source, InetAddress to) {
        return new Flow(
                datagrams, new InetSocketAddress(from, source), new InetSocketAddress(to, HTTPS));
    }

    /** What a header says of its length, where less was captured: that. */
    private static void end(ByteBuffer in, int limit) {
        if (limit < in.position()) {
            throw new BufferUnderflowException();
        }
        in.limit(Math.min(in.limit(), limit));
    }

    private static InetAddress address(ByteBuffer in, int length) {
        byte[] bytes = new byte[length];
        in.get(bytes);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("4 and 16 bytes are addresses", e);
        }
    }

    private static int u8(ByteBuffer in) {
        return in.get() & 0xFF;
    }

    private static int u16(ByteBuffer in) {
        return in.getShort() & 0xFFFF;
    }

    private static void skip(ByteBuffer in, int bytes) {
        in.position(checked(in, bytes) + bytes);
    }

    /** The position, when this much is left behind it. */
    private static int checked(ByteBuffer in, int bytes) {
        if (in.remaining() < bytes) {
            throw new BufferUnderflowException();
        }
        return in.position();
    }
}
