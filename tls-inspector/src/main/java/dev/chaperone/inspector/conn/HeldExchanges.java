// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The connections on which a request waits for its verdict. Thread-safe. */
public final class HeldExchanges {
    private final Set<HostSession> sessions = ConcurrentHashMap.newKeySet();

    void add(HostSession session) {
        sessions.add(session);
    }

    void remove(HostSession session) {
        sessions.remove(session);
    }

    public boolean isEmpty() {
        return sessions.isEmpty();
    }

    /** Gives every held request its fail verdict. */
    public void stopHolding() {
        sessions.forEach(HostSession::stopHolding);
    }
}
