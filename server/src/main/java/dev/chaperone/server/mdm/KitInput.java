// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.mdm;

import dev.chaperone.model.sync.EnrolmentToken;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a kit is made of.
 *
 * @param token that computers enrol with
 * @param uses computers that may enrol with it
 * @param life of the token, from now
 * @param group of the computers, or null; any text
 * @param pac address of the agent's proxy auto-configuration
 * @param roots that clients must trust, at least one; the first is the current one
 * @param platforms at least one
 */
public record KitInput(
        EnrolmentToken token,
        int uses,
        Duration life,
        @Nullable String group,
        URI pac,
        List<X509Certificate> roots,
        Set<Platform> platforms) {
    public KitInput {
        roots = List.copyOf(roots);
        platforms = Set.copyOf(platforms);
        if (roots.isEmpty() || platforms.isEmpty()) {
            throw new IllegalArgumentException("a kit needs a root and a platform");
        }
    }

    /** What people see: {@code Chaperone}, with the group where there is one. */
    String title(String what) {
        return "Chaperone: " + what + (group == null ? "" : " (" + group + ")");
    }
}
