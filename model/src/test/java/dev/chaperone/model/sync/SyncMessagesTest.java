// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.chaperone.model.sync.EventBatch.Loss;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SyncMessagesTest {
    private static final EnrolmentToken TOKEN =
            new EnrolmentToken(
                    URI.create("https://chaperone.example:8443"),
                    "ab".repeat(32),
                    "made-up-secret-0123456789");

    @Test
    void tokenIsReadAsItWasWritten() {
        assertThat(EnrolmentToken.parse(" " + TOKEN.text() + "\n")).isEqualTo(TOKEN);
        assertThat(TOKEN.text()).startsWith("chp1.").doesNotContain("=").doesNotContain("\n");
    }

    @Test
    void tokenIsNotWrittenToALog() {
        assertThat(TOKEN.toString()).doesNotContain("made-up").doesNotContain("abab");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "chp1.", "chp1.%%", "chp1.YWJj", "chp2.YWJj", "hello"})
    void whatIsNoTokenGetsOneMessageThatQuotesNothing(String text) {
        assertThatThrownBy(() -> EnrolmentToken.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("not an enrolment token: copy the whole line that begins with chp1.");
    }

    @Test
    void tokenForPlainHttpIsNone() {
        assertThatThrownBy(() ->
                        new EnrolmentToken(URI.create("http://h"), TOKEN.pin(), TOKEN.secret()))
                .hasMessageContaining("https");
    }

    @Test
    void batchIsCompleteWhenEachNumberIsSpokenFor() {
        assertThat(batch(5, 9, new Loss(5, 7, "crash"), new Loss(8, 9, "overflow")).complete())
                .isTrue();
        assertThat(batch(5, 4).complete()).as("only repeats").isTrue();
        assertThat(batch(5, 9, new Loss(5, 7, "crash"), new Loss(9, 9, "crash")).complete())
                .as("8 is missing")
                .isFalse();
        assertThat(batch(5, 7, new Loss(5, 8, "crash")).complete()).as("past the end").isFalse();
        assertThat(batch(5, 7, new Loss(5, 7, "crash"), new Loss(6, 7, "crash")).complete())
                .as("twice")
                .isFalse();
        assertThat(batch(5, 7, new Loss(5, 4, "crash")).complete()).as("empty").isFalse();
    }

    private static EventBatch batch(long from, long to, Loss... losses) {
        return new EventBatch(1, from, to, List.of(), List.of(losses), Map.of());
    }
}
