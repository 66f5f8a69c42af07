// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SinceTest {
    private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");

    @ParameterizedTest
    @CsvSource({
        "30d,2026-10-26T12:00:00Z",
        "12h,2026-11-25T00:00:00Z",
        "5m,2026-11-25T11:55:00Z",
        "10s,2026-11-25T11:59:50Z",
        "2026-11-25T10:00:00Z,2026-11-25T10:00:00Z",
        "2026-11-25T10:00:00+02:00,2026-11-25T08:00:00Z"
    })
    void durationOrTimeIsAnInstant(String text, Instant expected) {
        assertThat(Since.parse(text, NOW, 9)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "30", "d", "-3d", "3w", "yesterday", "2026-11-25", "9999999999d"})
    void anythingElseSaysWhatIsExpected(String text) {
        assertThatThrownBy(() -> Since.parse(text, NOW, 9))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("30d");
    }

    @org.junit.jupiter.api.Test
    void veryLongDurationIsNoError() {
        assertThat(Since.parse("999999999d", NOW, 9)).isBefore(Instant.EPOCH);
    }
}
