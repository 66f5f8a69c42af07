// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.tray;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.decision.Action;
import dev.chaperone.model.ipc.Notice;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class NoticeLimitTest {
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
    private final NoticeLimit limit = new NoticeLimit(now::get);

    private boolean admits(String message) {
        return limit.admits(new Notice(UUID.randomUUID(), "s", "a", Action.WARN, message));
    }

    @Test
    void sameNoticeIsShownOnceAMinute() {
        assertThat(admits("one")).isTrue();
        assertThat(admits("one")).isFalse();
        assertThat(admits("two")).isTrue();
        now.set(Instant.EPOCH.plusSeconds(61));
        assertThat(admits("one")).isTrue();
    }

    @Test
    void noMoreThanSixAMinute() {
        for (int i = 0; i < 6; i++) {
            assertThat(admits("n" + i)).isTrue();
        }
        assertThat(admits("seventh")).isFalse();
    }
}
