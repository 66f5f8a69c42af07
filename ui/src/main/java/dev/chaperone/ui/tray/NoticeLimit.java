// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.tray;

import dev.chaperone.model.ipc.Notice;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;

/**
 * Keeps notices from becoming a nuisance: the same one once a minute, six of any kind a minute. A
 * notice names no rule; its sentence, which the rule gives, stands for it. Thread-safe.
 */
public final class NoticeLimit {
    private static final Duration PAUSE = Duration.ofMinutes(1);
    private static final int MAX_A_MINUTE = 6;

    private final InstantSource clock;
    private final Map<String, Instant> shown = new HashMap<>();

    public NoticeLimit(InstantSource clock) {
        this.clock = clock;
    }

    /** Whether to show it now. */
    public synchronized boolean admits(Notice notice) {
        Instant now = clock.instant();
        shown.values().removeIf(at -> at.plus(PAUSE).isBefore(now));
        return shown.size() < MAX_A_MINUTE
                && shown.putIfAbsent(notice.action() + " " + notice.message(), now) == null;
    }
}
