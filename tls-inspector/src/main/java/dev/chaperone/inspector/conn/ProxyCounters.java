// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counts of what the proxy did since it started. Thread-safe. */
public final class ProxyCounters {
    final LongAdder connections = new LongAdder();
    final LongAdder tunnels = new LongAdder();
    final LongAdder withoutCertificate = new LongAdder();
    final LongAdder paused = new LongAdder();
    final LongAdder intercepted = new LongAdder();
    final LongAdder exchanges = new LongAdder();
    final LongAdder inspected = new LongAdder();
    final LongAdder refused = new LongAdder();
    final LongAdder rewritten = new LongAdder();
    final LongAdder unknownEndpoints = new LongAdder();
    final LongAdder upstreamFailures = new LongAdder();
    final LongAdder malformed = new LongAdder();
    final LongAdder cancelled = new LongAdder();
    final LongAdder answersUnread = new LongAdder();
    final LongAdder restored = new LongAdder();

    /** The counts by name, in a fixed order. */
    public Map<String, Long> snapshot() {
        Map<String, Long> all = new LinkedHashMap<>();
        all.put("connections", connections.sum());
        all.put("tunnels", tunnels.sum());
        all.put("without-certificate", withoutCertificate.sum());
        all.put("paused", paused.sum());
        all.put("intercepted", intercepted.sum());
        all.put("exchanges", exchanges.sum());
        all.put("inspected", inspected.sum());
        all.put("refused", refused.sum());
        all.put("rewritten", rewritten.sum());
        all.put("unknown-endpoints", unknownEndpoints.sum());
        all.put("upstream-failures", upstreamFailures.sum());
        all.put("malformed", malformed.sum());
        all.put("cancelled", cancelled.sum());
        all.put("answers-unread", answersUnread.sum());
        all.put("placeholders-restored", restored.sum());
        return all;
    }
}
