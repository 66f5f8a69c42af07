// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.chaperone.agent.ipc.IpcClient;
import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Outcome;
import dev.chaperone.model.event.Event;
import dev.chaperone.model.ipc.AnswerRequest;
import dev.chaperone.model.ipc.AnswerRequest.Via;
import dev.chaperone.model.ipc.Choice;
import dev.chaperone.model.ipc.Ipc;
import dev.chaperone.model.ipc.Question;
import dev.chaperone.model.ipc.Settled;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Messages that are held, asked about over the real socket, and sent or not as was answered. */
class CoachingTest {
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

    @Test
    void answeredRedactIsSentWithPlaceholdersOnly() throws Exception {
        agent = new CoachedAgent(folder, "block", "60s");
        try (IpcClient ui = agent.ui()) {
            CompletableFuture<String> sent = agent.send("Refund " + card + " today");
            Question question = CoachedAgent.asked(ui);
            assertThat(question.service()).isEqualTo("openai-api");
            assertThat(question.state()).isEqualTo(Question.State.HELD);

            assertThat(Objects.requireNonNull(question.card()).title())
                    .isEqualTo("Hier steht eine Karten- oder Kontonummer");
            assertThat(question.passages().getFirst().text()).contains(card);
            assertThat(question.marks().getFirst().masked()).doesNotContain(card);
            assertThat(question.marks().getFirst().placeholder()).isEqualTo("[CREDIT_CARD-1]");
            assertThat(sent).isNotDone();
            assertThat(agent.answer(ui, question.shortId(), Choice.Redact.all()).held()).isTrue();
            assertThat(CoachedAgent.get(sent)).startsWith("HTTP/1.1 200");
            assertThat(agent.arrived())
                    .contains("Refund [CREDIT_CARD-1] today")
                    .doesNotContain(card);
            Event event = agent.agent.awaitEvent(e -> e.action() == Action.COACH);
            assertThat(event.id()).isEqualTo(question.id());
            assertThat(event.outcome()).isEqualTo(Outcome.SENT_REDACTED);
            assertThat(event.explanation()).endsWith("Answered in the user interface.");
        }
    }

    @Test
    void sameContentIsAskedOnceAndItsEventCounts() throws Exception {
        agent = new CoachedAgent(folder, "block", "60s");
        try (IpcClient ui = agent.ui()) {
            String message = "Refund " + card + " today";
            CompletableFuture<String> first = agent.send(message);
            CompletableFuture<String> second = agent.send(message);
            Question question = CoachedAgent.asked(ui);
            agent.answer(ui, question.id().toString(), Choice.Redact.all());
            assertThat(CoachedAgent.get(first)).startsWith("HTTP/1.1 200");
            assertThat(CoachedAgent.get(second)).startsWith("HTTP/1.1 200");
            assertThat(agent.post(message)).startsWith("HTTP/1.1 200");
            for (int i = 0; i < 3; i++) {
                assertThat(agent.arrived()).contains("[CREDIT_CARD-1]").doesNotContain(card);
            }
            Event event = agent.agent.awaitEvent(e -> e.repeats() == 2);
            assertThat(event.id()).isEqualTo(question.id());
            assertThat(ui.call(Ipc.PENDING, Map.of())).isEmpty();
            assertThat(ui.call(Ipc.HISTORY, Map.of())).hasSize(1);
        }
    }

    @Test
    void cancelledIsRefusedAndStaysRefused() throws Exception {
        agent = new CoachedAgent(folder, "redact", "60s");
        try (IpcClient ui = agent.ui()) {
            CompletableFuture<String> sent = agent.send("Refund " + card);
            agent.answer(ui, CoachedAgent.asked(ui).shortId(), new Choice.Cancel());
            assertThat(CoachedAgent.get(sent)).contains("It was cancelled").doesNotContain(card);
            assertThat(agent.post("Refund " + card)).contains("It was cancelled");
            assertThat(agent.arrived()).isEmpty();
            assertThat(agent.agent.awaitEvent(e -> e.repeats() == 1).outcome())
                    .isEqualTo(Outcome.CANCELLED);
        }
    }

    @Test
    void editedIsSentAsEditedAndLookedAtAgain() throws Exception {
        agent = new CoachedAgent(folder, "block", "60s");
        try (IpcClient ui = agent.ui()) {
            CompletableFuture<String> sent = agent.send("Refund " + card);
            Question question = CoachedAgent.asked(ui);
            int segment = question.passages().getFirst().segment();
            agent.answer(
                    ui, question.shortId(), new Choice.Edit(Map.of(segment, "Refund \"it\"\n…")));
            assertThat(CoachedAgent.get(sent)).startsWith("HTTP/1.1 200");
            assertThat(agent.arrived()).contains("Refund \\\"it\\\"\\n").doesNotContain(card);
            assertThat(agent.agent.awaitEvent(e -> e.action() == Action.COACH).outcome())
                    .isEqualTo(Outcome.EDITED);

            String other = SampleSecrets.card(new Random());
            CompletableFuture<String> again = agent.send("Pay " + other);
            question = CoachedAgent.asked(ui);
            agent.answer(
                    ui, question.shortId(), new Choice.Edit(Map.of(segment, "Pay it to " + card)));
            assertThat(CoachedAgent.get(again)).contains("CHP-POL-002").doesNotContain(card, other);
            assertThat(agent.arrived()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"redact", "block", "allow"})
    void unansweredTakesTheRulesDefault(String onTimeout) throws Exception {
        agent = new CoachedAgent(folder, onTimeout, "1s");
        try (IpcClient ui = agent.ui()) {
            String answer = agent.post("Refund " + card);
            Question question = CoachedAgent.asked(ui);
            assertThat(ui.value(CoachedAgent.next(ui, Ipc.WITHDRAWN), Settled.class).how())
                    .isEqualTo(Settled.How.TIMED_OUT);
            switch (onTimeout) {
                case "redact" -> assertThat(agent.arrived()).contains("[CREDIT_CARD-1]");
                case "allow" -> assertThat(agent.arrived()).contains(card);
                default -> {
                    assertThat(answer).contains("Nobody answered", question.shortId());
                    assertThat(agent.arrived()).isEmpty();
                }
            }
            assertThat(agent.agent.awaitEvent(e -> e.action() == Action.COACH).outcome())
                    .isEqualTo(
                            switch (onTimeout) {
                                case "redact" -> Outcome.SENT_REDACTED;
                                case "allow" -> Outcome.TIMED_OUT;
                                default -> Outcome.BLOCKED;
                            });
        }
    }

    @Test
    void clientThatLeavesWithdrawsItsQuestion() throws Exception {
        agent = new CoachedAgent(folder, "allow", "60s");
        try (IpcClient ui = agent.ui()) {
            SSLSocket socket = agent.agent.open(CoachedAgent.HOST);
            CoachedAgent.write(socket, CoachedAgent.body("Refund " + card));
            Question question = CoachedAgent.asked(ui);
            socket.close();
            Settled settled = ui.value(CoachedAgent.next(ui, Ipc.WITHDRAWN), Settled.class);
            assertThat(settled.how()).isEqualTo(Settled.How.CLIENT_LEFT);
            assertThat(agent.arrived()).isEmpty();

            CompletableFuture<String> retry = agent.send("Refund " + card);
            assertThat(CoachedAgent.asked(ui).id()).as("the same card").isEqualTo(question.id());
            agent.answer(ui, question.shortId(), Choice.Redact.all());
            assertThat(CoachedAgent.get(retry)).startsWith("HTTP/1.1 200");
            assertThat(agent.arrived()).contains("[CREDIT_CARD-1]");
        }
    }

    @Test
    void withoutAnInterfaceTheRefusalCarriesAnIdAndTheRetryFollowsTheAnswer() throws Exception {
        agent = new CoachedAgent(folder, "block", "60s");
        String refused = agent.post("Refund " + card);
        assertThat(refused).contains("Nobody answered", "chaperone answer").doesNotContain(card);
        assertThat(agent.arrived()).isEmpty();

        AgentProcess.Result pending = command("pending");
        assertThat(pending.status()).isZero();
        String id = pending.out().substring(0, 8);
        assertThat(refused).contains(id);
        assertThat(pending.out()).contains("openai-api", "CREDIT_CARD").doesNotContain(card);

        assertThat(command("answer", id, "--redact").status()).isZero();
        assertThat(agent.post("Refund " + card)).startsWith("HTTP/1.1 200");
        assertThat(agent.arrived()).contains("[CREDIT_CARD-1]").doesNotContain(card);
        Event event = agent.agent.awaitEvent(e -> e.outcome() == Outcome.SENT_REDACTED);
        assertThat(event.correlation().toString()).endsWith(id);
        assertThat(event.explanation()).endsWith("Answered in the terminal.");
        assertThat(event.findings()).containsEntry("CREDIT_CARD", 1);

        AgentProcess.Result again = command("answer", id, "--redact");
        assertThat(again.status()).isEqualTo(1);
        assertThat(again.errLines()).containsExactly("chaperone: that question is settled already");
    }

    @Test
    void agentThatAnswersForItselfIsRefused() throws Exception {
        agent = new CoachedAgent(folder, "block", "60s");
        String refused = agent.post("Refund " + card);
        String id = command("pending").out().substring(0, 8);
        Path harness = folder.resolve("claude");
        Files.writeString(
                harness,
                "#!/bin/sh\n"
                        + String.join(
                                " ",
                                System.getProperty("java.home") + "/bin/java",
                                "-cp",
                                "'" + System.getProperty("java.class.path") + "'",
                                "--enable-native-access=ALL-UNNAMED",
                                "dev.chaperone.agent.AgentMain",
                                "\"$@\"")
                        + "\nexit $?\n");
        assertThat(harness.toFile().setExecutable(true)).isTrue();
        Process process =
                new ProcessBuilder(
                                harness.toString(),
                                "answer",
                                id,
                                "--send",
                                "--reason=because",
                                "--data-dir=" + agent.agent.data())
                        .redirectErrorStream(true)
                        .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isEqualTo(1);
        assertThat(said).contains("chaperone: not sent: an AI agent");
        assertThat(agent.post("Refund " + card)).isEqualTo(refused);
        assertThat(agent.arrived()).isEmpty();

        // The agent does not take the word of a process without a terminal, whatever it claims.
        try (IpcClient program = IpcClient.connect(agent.agent.data().resolve("agent.sock"))) {
            assertThatThrownBy(() ->
                            program.call(
                                    Ipc.ANSWER,
                                    new AnswerRequest(
                                            id, new Choice.Redact(List.of(), "why"), Via.TERMINAL)))
                    .isInstanceOfSatisfying(
                            IpcClient.RefusedException.class,
                            e -> assertThat(e.code()).isEqualTo(Ipc.NOT_ALLOWED));
        }
    }

    @Test
    void personMayTakeLongerThanADecision() throws Exception {
        agent = new CoachedAgent(folder, "block", "5s");
        try (IpcClient ui = agent.ui()) {
            String answer = agent.post("Refund " + card);
            assertThat(answer).contains("Nobody answered", CoachedAgent.asked(ui).shortId());
            assertThat(agent.agent.events()).noneMatch(e -> "CHP-GATE-002".equals(e.code()));
        }
    }

    @Test
    void nothingOnDiskHoldsWhatWasAskedAbout() throws Exception {
        agent = new CoachedAgent(folder, "block", "60s");
        assertThat(agent.post("Refund " + card)).contains("Nobody answered");
        try (IpcClient ui = agent.ui()) {
            CompletableFuture<String> sent = agent.send("Refund " + card);
            agent.answer(ui, CoachedAgent.asked(ui).shortId(), new Choice.Cancel());
            assertThat(CoachedAgent.get(sent)).contains("It was cancelled");
        }
        assertThat(agent.agent.awaitEvent(e -> e.outcome() == Outcome.CANCELLED).explanation())
                .doesNotContain(card);
        try (Stream<Path> files = Files.walk(agent.agent.data())) {
            List<Path> all = files.filter(Files::isRegularFile).toList();
            assertThat(all).hasSizeGreaterThan(3);
            for (Path file : all) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain(card);
            }
        }
    }

    @Test
    void agentThatStopsLetsNothingGo() throws Exception {
        agent = new CoachedAgent(folder, "block", "60s");
        try (IpcClient ui = agent.ui()) {
            CompletableFuture<String> sent = agent.send("Refund " + card);
            Question question = CoachedAgent.asked(ui);
            agent.close();
            assertThat(CoachedAgent.get(sent)).contains("Nobody answered", question.shortId());
            assertThat(agent.arrived()).isEmpty();
        }
    }

    private AgentProcess.Result command(String... arguments) throws Exception {
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 1);
        all[arguments.length] = "--data-dir=" + agent.agent.data();
        return AgentProcess.run(folder, all);
    }
}
