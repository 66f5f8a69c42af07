// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import dev.chaperone.agent.Words;
import dev.chaperone.agent.monitor.MonitorStatus;
import dev.chaperone.agent.os.FileKeyVault;
import dev.chaperone.agent.store.EventReader;
import dev.chaperone.model.event.Event;
import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.model.ipc.AgentStatus.State;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
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
    private final Words words;
    private final List<Check> checks = new ArrayList<>();

    private CaptureChecks(Path folder, String language) {
        this.folder = folder;
        this.words = Words.of("dev.chaperone.agent.doctor.capture", language);
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
        return List.copyOf(all.checks);
    }

    private void monitor() {
        if (RunningAgent.on(folder).isEmpty()) {
            return;
        }
        Optional<MonitorStatus> status = MonitorStatus.read(folder);
        if (status.isEmpty()) {
            add("unproxied", State.OK, "monitor.off");
        } else if (!status.get().problem().isEmpty()) {
            add("unproxied", State.NOTE, "monitor.problem", status.get().problem());
        } else {
            add("unproxied", State.OK, "monitor.on");
            long lost = status.get().dropped() + status.get().unreadQuic();
            if (lost > 0) {
                add(
                        "unproxied-unread",
                        State.NOTE,
                        "monitor.lost",
                        status.get().dropped(),
                        status.get().unreadQuic());
            }
        }
    }

    private void seen(@Nullable String user) {
        Map<Way, Integer> ways =
                new TreeMap<>(Comparator.comparing(Way::app).thenComparing(Way::service));
        try {
            Instant yesterday = Instant.now().minus(Duration.ofDays(1));
            EventReader reader = new EventReader(folder, new FileKeyVault(folder.resolve("keys")));
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
                    checks.add(
                            new Check(
                                    "passed-by",
                                    State.NOTE,
                                    words.count("seen", w.getValue(), way.app(), way.service()),
                                    words.say("seen.remedy", way.app())));
                });
    }

    private void add(String name, State state, String key, Object... values) {
        String remedy = key + ".remedy";
        checks.add(
                new Check(
                        name,
                        state,
                        words.say(key, values),
                        words.knows(remedy) ? words.say(remedy, values) : ""));
    }
}
