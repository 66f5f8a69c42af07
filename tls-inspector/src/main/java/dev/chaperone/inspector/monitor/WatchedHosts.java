// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.monitor;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** The hosts that are counted, by literal name or as {@code *.suffix}. Immutable, thread-safe. */
public final class WatchedHosts {
    private final Set<String> names = new HashSet<>();
    private final Set<String> suffixes = new HashSet<>();

    /**
     * @param patterns lower case; {@code *.suffix} stands for every name below the suffix
     */
    public WatchedHosts(Collection<String> patterns) {
        for (String pattern : patterns) {
            if (pattern.startsWith("*.")) {
                suffixes.add(pattern.substring(2));
            } else {
                names.add(pattern);
            }
        }
    }

    /** Whether a host is one of them. */
    boolean hold(String host) {
        if (names.contains(host)) {
            return true;
        }
        for (int dot = host.indexOf('.'); dot > 0; dot = host.indexOf('.', dot + 1)) {
            if (suffixes.contains(host.substring(dot + 1))) {
                return true;
            }
        }
        return false;
    }

    int size() {
        return names.size() + suffixes.size();
    }
}
