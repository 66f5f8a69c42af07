// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import dev.chaperone.agent.monitor.MonitorStatus;
import dev.chaperone.agent.os.FileKeyVault;
import dev.chaperone.agent.store.EventReader;
import dev.chaperone.model.event.Event;
import dev.chaperone.model.ipc.AgentStatus.Check;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What passed by the proxy, and whether anybody looks (DESIGN §2 rule 12). */
final class CaptureChecks {
    private static final int MOST_EVENTS = 2000;
    private static final int MOST_LINES = 10;
    private static final String REASONS = "bypassed_proxy";

    private final Path folder;
    private final CheckList checks;

    private CaptureChecks(Path folder, String language) {
        this.folder = folder;
        this.checks = new CheckList("capture", language);
    }

    /** A program and the service that it reached. */
    private record Way(String app, String service) {}

    /**
     * The conditions in order.
     *
     * @param language of the reader, a BCP 47 tag
     * @param user pseudonym of the user whose connections are counted, or null for all users
     */
    static List<Check> examine(Path folder, String language, @Nullable String user) {
        CaptureChecks all = new CaptureChecks(folder, language);
        all.monitor();
        all.seen(user);
        return all.checks.all();
    }

    private void monitor() {
        if (RunningAgent.on(folder).isEmpty()) {
            return;
        }
        Path file = folder.resolve("monitor-status");
        Optional<MonitorStatus> status = MonitorStatus.read(folder);
        if (status.isEmpty()) {
            checks.ok("unproxied", "monitor.off");
            checks.evidence(file + ": is not there");
        } else if (!status.get().problem().isEmpty()) {
            checks.note("unproxied", "monitor.problem", status.get().problem());
            checks.evidence(file + ": pid=" + status.get().pid());
        } else {
            checks.ok("unproxied", "monitor.on");
            checks.evidence(file + ": pid=" + status.get().pid());
            long lost = status.get().dropped() + status.get().unreadQuic();
            if (lost > 0) {
                checks.note(
                        "unproxied-unread",
                        "monitor.lost",
                        status.get().dropped(),
                        status.get().unreadQuic());
                checks.evidence(file + ": dropped, unread-quic");
            }
        }
    }

    private void seen(@Nullable String user) {
        Map<Way, Integer> ways =
                new TreeMap<>(Comparator.comparing(Way::app).thenComparing(Way::service));
        try {
            Instant yesterday = Instant.now().minus(Duration.ofDays(1));
            EventReader reader =
                    new EventReader(folder, FileKeyVault.asItIs(folder.resolve("keys")));
            for (Event event : reader.exceptions(user, yesterday, MOST_EVENTS)) {
                int connections =
                        event.notInspected().entrySet().stream()
                                .filter(e -> e.getKey().startsWith(REASONS))
                                .mapToInt(Map.Entry::getValue)
                                .sum();
                if (connections > 0) {
                    ways.merge(
                            new Way(event.app().name(), event.service()),
                            connections * (1 + event.repeats()),
                            Integer::sum);
                }
            }
        } catch (IOException e) {
            return; // Doctor itself says that the store cannot be read
        }
        ways.entrySet().stream()
                .sorted(Map.Entry.<Way, Integer>comparingByValue().reversed())
                .limit(MOST_LINES)
                .forEach(w -> {
                    Way way = w.getKey();
                    checks.count("passed-by", "seen", w.getValue(), way.app(), way.service());
                    checks.evidence(
                            folder.resolve("events.db")
                                    + ": events of the last day, reason "
                                    + REASONS);
                });
    }
}
