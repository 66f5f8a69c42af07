// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.SocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The connections that the proxy itself opened lately, so that whoever watches the wire can tell
 * them from those that passed by it, also once they are closed. Bounded. Thread-safe.
 */
public final class OwnConnections {
    private static final int MOST = 4096;

    /** A port is not used again for the same server while the last one's end is waited for. */
    private static final Duration KEPT = Duration.ofMinutes(1);

    private record Ends(SocketAddress local, SocketAddress remote) {}

    private final Cache<Ends, Boolean> opened =
            Caffeine.newBuilder().maximumSize(MOST).expireAfterWrite(KEPT).build();

    /** Both are known once a channel is connected. */
    void add(@Nullable SocketAddress local, @Nullable SocketAddress remote) {
        if (local != null && remote != null) {
            opened.put(new Ends(local, remote), true);
        }
    }

    /** Whether the proxy opened it. */
    public boolean contains(SocketAddress local, SocketAddress remote) {
        return opened.getIfPresent(new Ends(local, remote)) != null;
    }
}
