// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.sync;

import dev.chaperone.agent.lifecycle.Caller;
import dev.chaperone.agent.lifecycle.LifecycleLog;
import dev.chaperone.model.sync.LifecycleBatch;
import dev.chaperone.model.sync.LifecycleEntry;
import dev.chaperone.pki.OrganisationRoot;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Brings the lifecycle log to the server: what it has is asked of it after each connection, the
 * rest is sent until it says that it has it. For one thread.
 */
final class LifecycleDelivery {
    private static final long UNKNOWN = -1;

    /** Batches a round: a server that never agrees must not hold up the events. */
    private static final int MOST_BATCHES = 50;

    private final LifecycleLog log;
    private long mark = UNKNOWN;
    private boolean supported = true;
    private volatile @Nullable String finding;

    LifecycleDelivery(LifecycleLog log) {
        this.log = log;
    }

    /** What of the log contradicts what the server has; null for nothing. */
    @Nullable String finding() {
        return finding;
    }

    /** The server may be another one, or was given a copy of its database. */
    void askAgain() {
        mark = UNKNOWN;
        supported = true;
    }

    void deliver(ServerClient server)
            throws IOException, InterruptedException, ServerRefusedException {
        for (int i = 0; i < MOST_BATCHES && supported; i++) {
            LifecycleLog.Head head = log.head();
            if (mark == head.n()) {
                return;
            }
            List<LifecycleEntry> entries = mark == UNKNOWN ? List.of() : after(mark);
            if (mark != UNKNOWN && entries.isEmpty()) {
                return; // what is missing here cannot be sent; doctor tells
            }
            Optional<LifecycleBatch.Answer> answer =
                    server.lifecycle(new LifecycleBatch(head.n(), head.hash(), entries));
            supported = answer.isPresent();
            if (answer.isPresent()) {
                finding = answer.get().finding();
                mark = answer.get().n();
            }
        }
    }

    /** A server that has nothing gets what happened since it was joined, nothing of before. */
    private List<LifecycleEntry> after(long n) throws IOException {
        List<LifecycleEntry> all = log.entries();
        long from =
                n > 0
                        ? n
                        : all.stream()
                                .filter(e -> e.kind().equals("enrol"))
                                .mapToLong(e -> e.n() - 1)
                                .reduce(0, (_, last) -> last);
        return all.stream().filter(e -> e.n() > from).limit(LifecycleBatch.MAX_ENTRIES).toList();
    }

    void rootChanged(List<X509Certificate> roots) {
        log.recordChange("root", describe(roots), Caller.SYSTEM);
    }

    private static String describe(List<X509Certificate> roots) {
        return roots.isEmpty()
                ? "none"
                : "SHA-256 " + OrganisationRoot.fingerprint(roots.getFirst());
    }
}
