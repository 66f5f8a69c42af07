// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.secret;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * The checksum of GitHub's and npm's tokens: the last six characters are the CRC-32 of the 30
 * random ones in base 62 ("Behind GitHub's new authentication token formats", GitHub, April 2021).
 */
final class GitHubChecksum {
    private static final String BASE62 =
            "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private GitHubChecksum() {}

    /** Whether the value has this form and its checksum holds. */
    static boolean holds(String token) {
        if (token.length() != 40 || token.charAt(3) != '_') {
            return false;
        }
        CRC32 crc = new CRC32();
        crc.update(token.substring(4, 34).getBytes(StandardCharsets.US_ASCII));
        return token.substring(34).equals(base62(crc.getValue()));
    }

    static String base62(long value) {
        StringBuilder out = new StringBuilder();
        long rest = value;
        while (out.length() < 6) {
            out.append(BASE62.charAt((int) (rest % 62)));
            rest /= 62;
        }
        return out.reverse().toString();
    }
}
