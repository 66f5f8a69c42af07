// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.agent.ipc.IpcClient;
import dev.chaperone.model.event.Event;
import dev.chaperone.model.ipc.Choice;
import dev.chaperone.model.ipc.Ipc;
import dev.chaperone.model.ipc.Question;
import dev.chaperone.model.ipc.Settled;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A conversation whose client retries, reconnects and resends its history. */
class CoachedConversationTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private final String card = SampleSecrets.card(new Random());

    @SuppressWarnings("NullAway.Init") // started by each test
    private CoachedAgent agent;

    @AfterEach
    void stop() throws Exception {
        agent.close();
    }

    /** Twelve turns that resend their history, with three retries and two reconnects. */
    @Test
    void conversationIsAskedAboutOncePerFindingAndHasOneEventATurn() throws Exception {
        agent = new CoachedAgent(folder, "block", "60s");
        String second = SampleSecrets.card(new Random());
        Set<String> cards = new HashSet<>();
        List<String> turns = new ArrayList<>();
        try (IpcClient ui = agent.ui()) {
            for (int turn = 1; turn <= 12; turn++) {
                turns.add(
                        switch (turn) {
                            case 2 -> "Refund " + card + " in turn 2";
                            case 7 -> "And " + second + " in turn 7";
                            default -> "Harmless turn " + turn;
                        });
                byte[] body = conversation(turns);
                if (turn == 2) {
                    for (int reconnect = 0; reconnect < 2; reconnect++) {
                        leaveWhileAsked(ui, body, cards);
                    }
                }
                CompletableFuture<String> sent =
                        CompletableFuture.supplyAsync(() -> agent.postBody(body));
                if (turn == 2 || turn == 7) {
                    Question question = CoachedAgent.asked(ui);
                    cards.add(question.shortId());
                    assertThat(question.marks()).hasSize(1);
                    agent.answer(ui, question.shortId(), Choice.Redact.all());
                }
                assertThat(CoachedAgent.get(sent)).startsWith("HTTP/1.1 200");
                assertRedacted(turn, second);
                if (turn == 2 || turn == 8 || turn == 12) {
                    assertThat(agent.postBody(body)).startsWith("HTTP/1.1 200");
                    assertRedacted(turn, second);
                }
            }
            assertThat(ui.call(Ipc.PENDING, Map.of())).isEmpty();
        }
        assertThat(cards).hasSize(2);
        Event last = agent.agent.awaitEvent(e -> e.repeats() == 1 && e.seq() >= 12);
        assertThat(last.seq()).isEqualTo(12);
        List<Event> events = agent.agent.events();
        assertThat(events).hasSize(12);
        assertThat(events.stream().mapToInt(Event::repeats).sum()).isEqualTo(3);
        assertThat(events.stream().filter(e -> !e.findings().isEmpty())).hasSize(2);
    }

    private void assertRedacted(int turn, String second) throws Exception {
        String arrived = agent.arrived();
        assertThat(arrived).doesNotContain(card, second).contains("turn " + turn);
        if (turn >= 2) {
            assertThat(arrived).contains("Refund [CREDIT_CARD-1] in turn 2");
        }
        if (turn >= 7) {
            assertThat(arrived).contains("And [CREDIT_CARD-2] in turn 7");
        }
    }

    private void leaveWhileAsked(IpcClient ui, byte[] body, Set<String> cards) throws Exception {
        try (SSLSocket socket = agent.agent.open(CoachedAgent.HOST)) {
            CoachedAgent.write(socket, body);
            cards.add(CoachedAgent.asked(ui).shortId());
        }
        assertThat(ui.value(CoachedAgent.next(ui, Ipc.WITHDRAWN), Settled.class).how())
                .isEqualTo(Settled.How.CLIENT_LEFT);
    }

    private static byte[] conversation(List<String> turns) {
        StringBuilder messages = new StringBuilder();
        for (int i = 0; i < turns.size(); i++) {
            if (i > 0) {
                messages.append(",{\"role\":\"assistant\",\"content\":\"Answer ")
                        .append(i)
                        .append("\"},");
            }
            messages.append("{\"role\":\"user\",\"content\":\"").append(turns.get(i)).append("\"}");
        }
        return ("{\"model\":\"m\",\"messages\":[" + messages + "]}")
                .getBytes(StandardCharsets.UTF_8);
    }
}
