// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer.linux;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * IP addresses as text: {@code 4} or {@code 6}, then a {@code 0} or {@code 1} for each bit, so that
 * a network is a prefix of its addresses. Literals only: no name is ever asked for.
 */
final class IpBits {
    /** What stands before an IPv4 address within IPv6 (RFC 4291 §2.5.5.2), in bits. */
    static final int MAPPED = 96;

    private static final Pattern QUAD =
            Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(?:\\.(?!$)|$)){4}");
    private static final Pattern POSIX = Pattern.compile("[0-9a-fA-FxX.]+");
    private static final Pattern SIX = Pattern.compile("(?=.*:)[0-9a-fA-F:.]+");

    private IpBits() {}

    /** Four decimal numbers, as inet_pton(3) wants them. */
    static Optional<String> quad(String text) {
        return QUAD.matcher(text).matches() ? posix(text) : Optional.empty();
    }

    /** What inet_aton(3) reads: one to four numbers, octal and hexadecimal too. */
    static Optional<String> posix(String text) {
        if (!POSIX.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of("4" + bits(Inet4Address.ofPosixLiteral(text).getAddress()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** RFC 4291 §2.2, without brackets and zone. */
    static Optional<String> six(String text) {
        if (!SIX.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            InetAddress address = Inet6Address.ofLiteral(text);
            String bits = bits(address.getAddress());
            // The JDK gives a mapped one as IPv4.
            return Optional.of(bits.length() == 32 ? mapped("4" + bits) : "6" + bits);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** An IPv4 address within IPv6. */
    static String mapped(String four) {
        return "6" + "0".repeat(80) + "1".repeat(16) + four.substring(1);
    }

    private static String bits(byte[] bytes) {
        StringBuilder bits = new StringBuilder();
        for (byte b : bytes) {
            String eight = Integer.toBinaryString(b & 0xff);
            bits.append("0".repeat(Byte.SIZE - eight.length())).append(eight);
        }
        return bits.toString();
    }
}
