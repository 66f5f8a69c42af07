// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Spellings of a URL path that servers treat alike. */
final class UrlPaths {
    private static final Pattern SLASHES = Pattern.compile("/{2,}");

    private UrlPaths() {}

    /**
     * Percent-encoded unreserved characters decoded (RFC 3986 §6.2.2.2), several slashes as one, no
     * dot segments, no slash at the end.
     */
    static String normalise(String path) {
        StringBuilder out = new StringBuilder(path.length());
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            int decoded = c == '%' && i + 2 < path.length() ? octet(path, i) : -1;
            if (decoded >= 0 && isUnreserved(decoded)) {
                out.append((char) decoded);
                i += 2;
            } else {
                out.append(c);
            }
        }
        String plain = SLASHES.matcher(out).replaceAll("/").replace("/./", "/");
        return plain.length() > 1 && plain.endsWith("/")
                ? plain.substring(0, plain.length() - 1)
                : plain;
    }

    /** A segment of a path with its percent escapes undone; malformed ones stay. */
    static String decode(String segment) {
        if (segment.indexOf('%') < 0) {
            return segment;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] raw = segment.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < raw.length; i++) {
            int decoded =
                    raw[i] == '%' && i + 2 < raw.length
                            ? Character.digit(raw[i + 1], 16) << 4 | Character.digit(raw[i + 2], 16)
                            : -1;
            if (decoded >= 0) {
                i += 2;
            }
            bytes.write(decoded >= 0 ? decoded : raw[i]);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static int octet(String path, int i) {
        int high = Character.digit(path.charAt(i + 1), 16);
        int low = Character.digit(path.charAt(i + 2), 16);
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }

    private static boolean isUnreserved(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '.'
                || c == '_'
                || c == '~';
    }
}
