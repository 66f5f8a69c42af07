// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class TimeOrderedUuidTest {
    @Test
    void isVersionSevenOfItsMillisecond() {
        Instant now = Instant.ofEpochMilli(0x0123_4567_89ABL);
        UUID uuid = TimeOrderedUuid.next(now);
        assertThat(uuid.version()).isEqualTo(7);
        assertThat(uuid.variant()).isEqualTo(2);
        assertThat(uuid.toString()).startsWith("01234567-89ab-7");
        assertThat(TimeOrderedUuid.next(now)).isNotEqualTo(uuid);
    }

    @Test
    void laterOneSortsBehind() {
        Instant now = Instant.now();
        assertThat(TimeOrderedUuid.next(now.plusMillis(1)).toString())
                .isGreaterThan(TimeOrderedUuid.next(now).toString());
    }
}
