// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SuggestionsTest {
    private static final List<String> KEYS = List.of("when", "then", "on-timeout");

    @Test
    void theNearestWordIsSuggested() {
        assertThat(Suggestions.nearest("whenn", KEYS)).contains("when");
        assertThat(Suggestions.nearest("hten", KEYS)).contains("then");
        assertThat(Suggestions.nearest("on_timeout", KEYS)).contains("on-timeout");
        assertThat(Suggestions.nearest("WHEN", KEYS)).contains("when");
        assertThat(Suggestions.nearest("colour", KEYS)).isEmpty();
    }

    @Test
    void withoutANearWordTheKnownOnesAreListed() {
        assertThat(Suggestions.remedy("colour", KEYS))
                .isEqualTo(": expected when, then or on-timeout");
    }

    @Test
    void onlyPlainWordsAreRepeated() {
        assertThat(Suggestions.quoted("whenn")).isEqualTo(" 'whenn'");
        assertThat(Suggestions.quoted("my secret text")).isEmpty();
        assertThat(Suggestions.quoted("x".repeat(61))).isEmpty();
    }

    @Test
    void distanceCountsEdits() {
        assertThat(Suggestions.distance("", "abc")).isEqualTo(3);
        assertThat(Suggestions.distance("abc", "acb")).isEqualTo(1);
        assertThat(Suggestions.distance("kitten", "sitting")).isEqualTo(3);
    }
}
