// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import com.google.re2j.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A compiled host pattern: exact, {@code *.suffix} (not the bare suffix), {@code host:port} or
 * {@code ~regex} over the whole name.
 */
record HostPattern(String text, int port, boolean suffix, @Nullable Pattern regex) {
    private static final String ANY = "~.*";

    static HostPattern of(String pattern) {
        if (pattern.startsWith("~")) {
            return new HostPattern(pattern, 0, false, Pattern.compile(pattern.substring(1)));
        }
        int colon = pattern.lastIndexOf(':');
        int port = 0;
        String host = pattern;
        if (colon > 0) {
            port = Integer.parseInt(pattern.substring(colon + 1));
            host = pattern.substring(0, colon);
        }
        return host.startsWith("*.")
                ? new HostPattern(host.substring(1), port, true, null)
                : new HostPattern(host, port, false, null);
    }

    /** True for a pattern that says nothing about the host. */
    boolean isAny() {
        return text.equals(ANY);
    }

    boolean covers(String host, int atPort) {
        if (regex != null) {
            return regex.matches(host);
        }
        if (port != 0 && port != atPort) {
            return false;
        }
        return suffix ? host.length() > text.length() && host.endsWith(text) : host.equals(text);
    }
}
