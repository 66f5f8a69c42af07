// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.inspector.Replacement;
import dev.chaperone.model.prompt.Answer;
import dev.chaperone.model.prompt.ClientProcess;
import dev.chaperone.model.prompt.Exchange;
import dev.chaperone.model.prompt.Prompt;
import dev.chaperone.model.service.AiService;
import dev.chaperone.model.service.Endpoint;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlaceholdersTest {
    private static final Exchange EXCHANGE = exchange(1);

    private final Placeholders placeholders = new Placeholders();

    private static Exchange exchange(long id) {
        AiService service = new AiService("s", "", "", "", List.of(), true, true, List.of());
        return new Exchange(
                id,
                service,
                new Endpoint("e", "POST", "/", Endpoint.Kind.PROMPT),
                "s.test",
                "h2",
                ClientProcess.UNKNOWN,
                true,
                _ -> false);
    }

    private List<String> of(Prompt prompt, String... values) {
        return placeholders.replace(EXCHANGE, prompt, Prompts.findings(prompt, values)).stream()
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
                                EXCHANGE,
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
    void conversationNamedByTheAnswerKeepsTheNumberingOfItsFirstTurn() {
        of(Prompts.of(null, "a1"), "a1");
        placeholders.answered(
                EXCHANGE, new Answer("ok", null, List.of(), null, null, "new", false));
        assertThat(of(Prompts.of("new", "b2"), "b2")).containsExactly("[SECRET-2]");
        assertThat(of(Prompts.of("new", "a1"), "a1")).containsExactly("[SECRET-1]");
    }
}
