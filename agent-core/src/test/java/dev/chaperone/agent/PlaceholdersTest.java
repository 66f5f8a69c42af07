// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.inspector.Replacement;
import dev.chaperone.model.prompt.Answer;
import dev.chaperone.model.prompt.Prompt;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlaceholdersTest {
    private final Placeholders placeholders = new Placeholders();

    private List<String> of(Prompt prompt, String... values) {
        return placeholders
                .replace(Prompts.exchange(1, "service"), prompt, Prompts.findings(prompt, values))
                .stream()
                .map(Replacement::text)
                .toList();
    }

    @Test
    void sameValueHasTheSameNumberAndAnotherTheNext() {
        assertThat(of(Prompts.of(null, "a1 b2", "b2 c3", "a1"), "a1", "b2", "c3"))
                .containsExactly(
                        "[SECRET-1]", "[SECRET-2]", "[SECRET-2]", "[SECRET-3]", "[SECRET-1]");
    }

    @Test
    void eachTypeCountsForItself() {
        Prompt prompt = Prompts.of(null, "aabb");
        assertThat(
                        placeholders.replace(
                                Prompts.exchange(1, "service"),
                                prompt,
                                List.of(
                                        Prompts.finding("SECRET.x", 0, 0, 2),
                                        Prompts.finding("CREDIT_CARD", 0, 2, 4))))
                .extracting(Replacement::text)
                .containsExactly("[SECRET-1]", "[CREDIT_CARD-1]");
    }

    @Test
    void resentHistoryRebuildsTheNumberingWhateverHappenedBefore() {
        of(Prompts.of("conversation", "zz9"), "zz9");
        assertThat(of(Prompts.of("conversation", "a1", "b2"), "a1", "b2"))
                .containsExactly("[SECRET-1]", "[SECRET-2]");
        assertThat(of(Prompts.of("conversation", "a1", "b2", "c3 a1"), "a1", "b2", "c3"))
                .startsWith("[SECRET-1]", "[SECRET-2]")
                .contains("[SECRET-3]");
    }

    @Test
    void whereTheServiceKeepsTheHistoryTheConversationRemembers() {
        assertThat(of(Prompts.of("one", "a1"), "a1")).containsExactly("[SECRET-1]");
        assertThat(of(Prompts.of("one", "b2"), "b2")).containsExactly("[SECRET-2]");
        assertThat(of(Prompts.of("one", "a1"), "a1")).containsExactly("[SECRET-1]");
        assertThat(of(Prompts.of("two", "b2"), "b2")).containsExactly("[SECRET-1]");
        assertThat(of(Prompts.of(null, "b2"), "b2")).containsExactly("[SECRET-1]");
    }

    @Test
    void conversationThatItsAnswerNamesKeepsTheFirstTurnsNumbers() {
        assertThat(of(Prompts.of(null, "a1"), "a1")).containsExactly("[SECRET-1]");
        placeholders.answered(
                Prompts.exchange(1, "service"),
                new Answer("hi", null, List.of(), null, null, "named", false));
        assertThat(of(Prompts.of("named", "b2 a1"), "a1", "b2"))
                .containsExactly("[SECRET-1]", "[SECRET-2]");
    }
}
