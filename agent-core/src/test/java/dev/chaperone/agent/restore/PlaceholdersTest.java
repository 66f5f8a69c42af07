// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.agent.Prompts;
import dev.chaperone.inspector.Replacement;
import dev.chaperone.inspector.Restoration;
import dev.chaperone.model.finding.Finding;
import dev.chaperone.model.prompt.Answer;
import dev.chaperone.model.prompt.Exchange;
import dev.chaperone.model.prompt.Prompt;
import dev.chaperone.model.prompt.Segment;
import dev.chaperone.policies.Restore;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlaceholdersTest {
    private final RestoreStore store = RestoreStore.inMemory(InstantSource.system());
    private final Placeholders placeholders = new Placeholders(store);

    private List<String> of(Prompt prompt, String... values) {
        return placeholders
                .replace(
                        Prompts.exchange(1, "service"),
                        prompt,
                        Prompts.findings(prompt, values),
                        Restore.TEXT)
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
                                        Prompts.finding("CREDIT_CARD", 0, 2, 4)),
                                Restore.TEXT))
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

    // ---- look-alikes

    private Map<String, String> expected(Prompt prompt, String... values) {
        of(prompt, values);
        return placeholders.restoration(Prompts.exchange(1, "service")).values();
    }

    @ParameterizedTest
    @ValueSource(strings = {"[SECRET-1]", "[secret 1]", "\\[Secret\\_1\\]"})
    void aNumberThatThePromptHoldsIsNotGivenOut(String typed) {
        assertThat(of(Prompts.of(null, "say " + typed + " and a1"), "a1"))
                .containsExactly("[SECRET-2]");
        assertThat(expected(Prompts.of(null, "say " + typed + " and a1"), "a1"))
                .containsExactly(Map.entry("[SECRET-2]", "a1"));
    }

    @Test
    void whatThePersonTypesLaterIsNoKeyAndMovesNoNumber() {
        Prompt first = Prompts.of(null, "use a1");
        assertThat(expected(first, "a1")).containsOnlyKeys("[SECRET-1]");
        Prompt second = Prompts.of(null, "use a1", "fine", "what is [SECRET-1]? and b2");
        assertThat(of(second, "a1", "b2")).containsExactly("[SECRET-1]", "[SECRET-2]");
        assertThat(expected(second, "a1", "b2")).containsOnlyKeys("[SECRET-2]");
        Prompt third =
                Prompts.of(null, "use a1", "fine", "what is [SECRET-1]? and b2", "so?", "go on");
        assertThat(expected(third, "a1", "b2")).containsOnlyKeys("[SECRET-2]");
    }

    @Test
    void whatTheModelSaidInTheHistoryIsStillAKey() {
        Prompt prompt = Prompts.of(null, "use a1", "I thought of [SECRET-1]", "go on");
        assertThat(expected(prompt, "a1")).containsExactly(Map.entry("[SECRET-1]", "a1"));
    }

    @Test
    void nothingComesBackWhereThePolicySaysSoOrNothingWasTaken() {
        Prompt prompt = Prompts.of(null, "use a1");
        assertThat(after(2, prompt, Restore.OFF).isEmpty()).isTrue();
        placeholders.passed(Prompts.exchange(3, "service"), prompt, Restore.TEXT);
        assertThat(placeholders.restoration(Prompts.exchange(3, "service")).isEmpty()).isTrue();
        assertThat(after(4, prompt, Restore.TEXT).toolCalls()).isFalse();
        assertThat(after(5, prompt, Restore.TOOLS).toolCalls()).isTrue();
    }

    private Restoration after(long id, Prompt prompt, Restore restore) {
        Exchange exchange = Prompts.exchange(id, "service");
        placeholders.replace(exchange, prompt, Prompts.findings(prompt, "a1"), restore);
        return placeholders.restoration(exchange);
    }

    @Test
    void whatIsOnlyShownIsNotKept() {
        Prompt prompt = Prompts.of("kept", "use a1");
        Exchange exchange = Prompts.exchange(1, "service");
        assertThat(placeholders.preview(exchange, prompt, Prompts.findings(prompt, "a1")))
                .extracting(Replacement::text)
                .containsExactly("[SECRET-1]");
        assertThat(store.count(exchange.client().uid())).isZero();
        placeholders.passed(exchange, prompt, Restore.TEXT);
        assertThat(placeholders.restoration(exchange).isEmpty()).isTrue();
        assertThat(of(Prompts.of("kept", "use b2"), "b2")).containsExactly("[SECRET-1]");
    }

    @Test
    void promptsThatComeAtOnceNeverShareANumber() throws Exception {
        int prompts = 200;
        List<Future<Map<String, String>>> all = new ArrayList<>();
        CountDownLatch start = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < prompts; i++) {
                String value = "v" + (1000 + i);
                Prompt prompt = Prompts.of("kept", "use " + value);
                Exchange exchange = Prompts.exchange(i, "service");
                all.add(
                        threads.submit(() -> {
                            start.await();
                            String given =
                                    placeholders
                                            .replace(
                                                    exchange,
                                                    prompt,
                                                    Prompts.findings(prompt, value),
                                                    Restore.TEXT)
                                            .getFirst()
                                            .text();
                            assertThat(placeholders.restoration(exchange).values())
                                    .containsEntry(given, value);
                            return Map.of(given, value);
                        }));
            }
            start.countDown();
            Map<String, String> given = new HashMap<>();
            for (Future<Map<String, String>> one : all) {
                given.putAll(one.get(20, TimeUnit.SECONDS));
            }
            assertThat(given).hasSize(prompts);
            Prompt last = Prompts.of("kept", "go on");
            placeholders.passed(Prompts.exchange(999, "service"), last, Restore.TEXT);
            assertThat(placeholders.restoration(Prompts.exchange(999, "service")).values())
                    .isEqualTo(given);
        }
    }

    @Test
    void aNumberThatWasGivenOutBeforeTheAnswerNamedTheConversationComesBackAsNeither() {
        of(Prompts.of(null, "a1 b2"), "a1", "b2");
        Prompt early = Prompts.of("named", "c3");
        Exchange second = Prompts.exchange(2, "service");
        placeholders.replace(second, early, Prompts.findings(early, "c3"), Restore.TEXT);
        placeholders.answered(
                Prompts.exchange(1, "service"),
                new Answer("hi", null, List.of(), null, null, "named", false));
        placeholders.passed(
                Prompts.exchange(3, "service"), Prompts.of("named", "go on"), Restore.TEXT);
        assertThat(placeholders.restoration(Prompts.exchange(3, "service")).values())
                .containsExactly(Map.entry("[SECRET-2]", "b2"));
        assertThat(of(Prompts.of("named", "d4"), "d4")).containsExactly("[SECRET-3]");
    }

    @Test
    void aLaterTurnOfAConversationThatTheServiceKeepsBringsBackTheFirstTurnsValue() {
        of(Prompts.of("kept", "use a1"), "a1");
        Prompt clean = Prompts.of("kept", "say it again");
        placeholders.passed(Prompts.exchange(7, "service"), clean, Restore.TEXT);
        assertThat(placeholders.restoration(Prompts.exchange(7, "service")).values())
                .containsExactly(Map.entry("[SECRET-1]", "a1"));
        placeholders.passed(Prompts.exchange(8, "other"), clean, Restore.TEXT);
        assertThat(placeholders.restoration(Prompts.exchange(8, "other")).isEmpty()).isTrue();
    }

    @Test
    void whatThePersonTypesInAKeptConversationIsNoKey() {
        of(Prompts.of("kept", "use a1 and b2"), "a1", "b2");
        Prompt typed = Prompts.of("kept", "what did [secret-1] mean?");
        placeholders.passed(Prompts.exchange(7, "service"), typed, Restore.TEXT);
        assertThat(placeholders.restoration(Prompts.exchange(7, "service")).values())
                .containsOnlyKeys("[SECRET-2]");
    }

    // ---- history that is resent with restored answers in it

    @Test
    void overTwelveTurnsEveryEarlierTurnIsSentAsBefore() {
        List<String> history = new ArrayList<>();
        List<String> values = new ArrayList<>();
        List<String> sentBefore = List.of();
        for (int turn = 0; turn < 12; turn++) {
            values.add("v" + (char) ('a' + turn));
            history.add("turn " + turn + ": " + values.getLast() + " and " + values.getFirst());
            Prompt prompt = Prompts.of(null, history.toArray(String[]::new));
            List<String> sent = sent(prompt, values);
            assertThat(sent.subList(0, sentBefore.size())).isEqualTo(sentBefore);
            assertThat(String.join("", sent)).doesNotContain(values);
            Map<String, String> back =
                    placeholders.restoration(Prompts.exchange(1, "service")).values();
            assertThat(back.values()).containsExactlyInAnyOrderElementsOf(values);
            // The answer quotes the turn; the client keeps it with the real values in it.
            String answer = "You said: " + sent.getLast();
            sentBefore = new ArrayList<>(sent);
            sentBefore.add(answer);
            for (Map.Entry<String, String> one : back.entrySet()) {
                answer = answer.replace(one.getKey(), one.getValue());
            }
            assertThat(answer).isEqualTo("You said: " + history.getLast());
            history.add(answer);
        }
    }

    /** The texts as they leave. */
    private List<String> sent(Prompt prompt, List<String> values) {
        List<Finding> findings = new ArrayList<>();
        for (Segment segment : prompt.segments()) {
            List<Finding> here = new ArrayList<>();
            for (String value : values) {
                int at = segment.text().indexOf(value);
                for (; at >= 0; at = segment.text().indexOf(value, at + 1)) {
                    here.add(Prompts.finding("SECRET.x", segment.index(), at, at + value.length()));
                }
            }
            here.sort(Comparator.comparingInt(f -> f.span().start()));
            findings.addAll(here);
        }
        List<StringBuilder> texts =
                prompt.segments().stream().map(s -> new StringBuilder(s.text())).toList();
        List<Replacement> replacements =
                placeholders.replace(
                        Prompts.exchange(1, "service"), prompt, findings, Restore.TEXT);
        for (Replacement r : replacements.reversed()) {
            texts.get(r.segment()).replace(r.span().start(), r.span().end(), r.text());
        }
        return texts.stream().map(StringBuilder::toString).toList();
    }
}
