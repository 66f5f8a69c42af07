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
import dev.chaperone.model.ipc.Answered;
import dev.chaperone.model.ipc.Choice;
import dev.chaperone.model.ipc.Ipc;
import dev.chaperone.model.ipc.Question;
import dev.chaperone.model.ipc.Settled;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Messages that are held, asked about over the real socket, and sent or not as was answered. */
class CoachingTest {
    private static final String HOST = "api.openai.com";
    private static final String CHAT = "/v1/chat/completions";

    /** Shorter than what a person is given in these tests. */
    private static final Duration DECISION_TIMEOUT = Duration.ofSeconds(4);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private final String card = SampleSecrets.card(new Random());

    @SuppressWarnings("NullAway.Init") // started by each test
    private AgentUnderTest agent;

    private void start(String onTimeout, String within) throws Exception {
        Path policy =
                Files.writeString(
                        folder.resolve("coach.yaml"),
                        """
                        version: 1
                        name: coach
                        defaults: {action: allow, on-timeout: %1$s, fail: block, oversize: allow, unreadable: allow}
                        rules:
                          - id: ask
                            when: has("CREDIT_CARD")
                            then: {action: coach, coaching: card-found, within: %2$s}
                            on-timeout: %1$s
                            tests:
                              - {text: "Refund ${sample.card} please", expect: coach}
                              - {text: "Refund me please", expect: allow}
                        """
                                .formatted(onTimeout, within));
        agent = new AgentUnderTest(folder, Optional.of(policy), DECISION_TIMEOUT);
    }

    @AfterEach
    void stop() throws Exception {
        agent.close();
    }

    private IpcClient ui() throws Exception {
        IpcClient ui = IpcClient.connect(agent.data().resolve("agent.sock"));
        assertThat(ui.call(Ipc.SUBSCRIBE, Map.of("language", "de")).asBoolean()).isTrue();
        return ui;
    }

    private static JsonNode next(IpcClient ui, String method) throws Exception {
        while (true) {
            JsonNode message = ui.next().orElseThrow();
            if (message.path("method").asString().equals(method)) {
                return message.path("params");
            }
        }
    }

    private static Question asked(IpcClient ui) throws Exception {
        return ui.value(next(ui, Ipc.COACH), Question.class);
    }

    private Answered answer(IpcClient ui, String id, Choice choice) throws Exception {
        return ui.value(ui.call(Ipc.ANSWER, new AnswerRequest(id, choice, Via.UI)), Answered.class);
    }

    private CompletableFuture<String> send(String content) {
        return CompletableFuture.supplyAsync(() -> post(content));
    }

    private String post(String content) {
        return postBody(body(content));
    }

    private String postBody(byte[] body) {
        try (SSLSocket socket = agent.open(HOST)) {
            return AgentUnderTest.post(socket, HOST, CHAT, "", body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(SSLSocket socket, byte[] body) throws IOException {
        socket.getOutputStream()
                .write(
                        ("POST "
                                        + CHAT
                                        + " HTTP/1.1\r\nHost: "
                                        + HOST
                                        + "\r\nContent-Type: application/json\r\nContent-Length: "
                                        + body.length
                                        + "\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().write(body);
    }

    private static byte[] body(String content) {
        return ("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\""
                        + content
                        + "\"}]}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private String arrived() throws Exception {
        return new String(agent.nextReceived(), StandardCharsets.UTF_8);
    }

    private static String get(CompletableFuture<String> answer) throws Exception {
        return answer.get(15, TimeUnit.SECONDS);
    }

    @Test
    void answeredRedactIsSentWithPlaceholdersOnly() throws Exception {
        start("block", "60s");
        try (IpcClient ui = ui()) {
            CompletableFuture<String> sent = send("Refund " + card + " today");
            Question question = asked(ui);
            assertThat(question.service()).isEqualTo("openai-api");
            assertThat(question.state()).isEqualTo(Question.State.HELD);

            assertThat(Objects.requireNonNull(question.card()).title())
                    .isEqualTo("Hier steht eine Karten- oder Kontonummer");
            assertThat(question.passages().getFirst().text()).contains(card);
            assertThat(question.marks().getFirst().masked()).doesNotContain(card);
            assertThat(question.marks().getFirst().placeholder()).isEqualTo("[CREDIT_CARD-1]");
            assertThat(sent).isNotDone();
            assertThat(answer(ui, question.shortId(), Choice.Redact.all()).held()).isTrue();
            assertThat(get(sent)).startsWith("HTTP/1.1 200");
            assertThat(arrived()).contains("Refund [CREDIT_CARD-1] today").doesNotContain(card);
            Event event = agent.awaitEvent(e -> e.action() == Action.COACH);
            assertThat(event.id()).isEqualTo(question.id());
            assertThat(event.outcome()).isEqualTo(Outcome.SENT_REDACTED);
            assertThat(event.explanation()).endsWith("Answered in the user interface.");
        }
    }

    @Test
    void sameContentIsAskedOnceAndItsEventCounts() throws Exception {
        start("block", "60s");
        try (IpcClient ui = ui()) {
            String message = "Refund " + card + " today";
            CompletableFuture<String> first = send(message);
            CompletableFuture<String> second = send(message);
            Question question = asked(ui);
            answer(ui, question.id().toString(), Choice.Redact.all());
            assertThat(get(first)).startsWith("HTTP/1.1 200");
            assertThat(get(second)).startsWith("HTTP/1.1 200");
            assertThat(post(message)).startsWith("HTTP/1.1 200");
            for (int i = 0; i < 3; i++) {
                assertThat(arrived()).contains("[CREDIT_CARD-1]").doesNotContain(card);
            }
            Event event = agent.awaitEvent(e -> e.repeats() == 2);
            assertThat(event.id()).isEqualTo(question.id());
            assertThat(ui.call(Ipc.PENDING, Map.of())).isEmpty();
            assertThat(ui.call(Ipc.HISTORY, Map.of())).hasSize(1);
        }
    }

    @Test
    void cancelledIsRefusedAndStaysRefused() throws Exception {
        start("redact", "60s");
        try (IpcClient ui = ui()) {
            CompletableFuture<String> sent = send("Refund " + card);
            answer(ui, asked(ui).shortId(), new Choice.Cancel());
            assertThat(get(sent)).contains("It was cancelled").doesNotContain(card);
            assertThat(post("Refund " + card)).contains("It was cancelled");
            assertThat(arrived()).isEmpty();
            assertThat(agent.awaitEvent(e -> e.repeats() == 1).outcome())
                    .isEqualTo(Outcome.CANCELLED);
        }
    }

    @Test
    void editedIsSentAsEditedAndLookedAtAgain() throws Exception {
        start("block", "60s");
        try (IpcClient ui = ui()) {
            CompletableFuture<String> sent = send("Refund " + card);
            Question question = asked(ui);
            int segment = question.passages().getFirst().segment();
            answer(ui, question.shortId(), new Choice.Edit(Map.of(segment, "Refund \"it\"\n…")));
            assertThat(get(sent)).startsWith("HTTP/1.1 200");
            assertThat(arrived()).contains("Refund \\\"it\\\"\\n").doesNotContain(card);
            assertThat(agent.awaitEvent(e -> e.action() == Action.COACH).outcome())
                    .isEqualTo(Outcome.EDITED);

            String other = SampleSecrets.card(new Random());
            CompletableFuture<String> again = send("Pay " + other);
            question = asked(ui);
            answer(ui, question.shortId(), new Choice.Edit(Map.of(segment, "Pay it to " + card)));
            assertThat(get(again)).contains("CHP-POL-002").doesNotContain(card, other);
            assertThat(arrived()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"redact", "block", "allow"})
    void unansweredTakesTheRulesDefault(String onTimeout) throws Exception {
        start(onTimeout, "1s");
        try (IpcClient ui = ui()) {
            String answer = post("Refund " + card);
            Question question = asked(ui);
            assertThat(ui.value(next(ui, Ipc.WITHDRAWN), Settled.class).how())
                    .isEqualTo(Settled.How.TIMED_OUT);
            switch (onTimeout) {
                case "redact" -> assertThat(arrived()).contains("[CREDIT_CARD-1]");
                case "allow" -> assertThat(arrived()).contains(card);
                default -> {
                    assertThat(answer).contains("Nobody answered", question.shortId());
                    assertThat(arrived()).isEmpty();
                }
            }
            assertThat(agent.awaitEvent(e -> e.action() == Action.COACH).outcome())
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
        start("allow", "60s");
        try (IpcClient ui = ui()) {
            SSLSocket socket = agent.open(HOST);
            write(socket, body("Refund " + card));
            Question question = asked(ui);
            socket.close();
            Settled settled = ui.value(next(ui, Ipc.WITHDRAWN), Settled.class);
            assertThat(settled.how()).isEqualTo(Settled.How.CLIENT_LEFT);
            assertThat(arrived()).isEmpty();

            CompletableFuture<String> retry = send("Refund " + card);
            assertThat(asked(ui).id()).as("the same card").isEqualTo(question.id());
            answer(ui, question.shortId(), Choice.Redact.all());
            assertThat(get(retry)).startsWith("HTTP/1.1 200");
            assertThat(arrived()).contains("[CREDIT_CARD-1]");
        }
    }

    @Test
    void withoutAnInterfaceTheRefusalCarriesAnIdAndTheRetryFollowsTheAnswer() throws Exception {
        start("block", "60s");
        String refused = post("Refund " + card);
        assertThat(refused).contains("Nobody answered", "chaperone answer").doesNotContain(card);
        assertThat(arrived()).isEmpty();

        AgentProcess.Result pending = command("pending");
        assertThat(pending.status()).isZero();
        String id = pending.out().substring(0, 8);
        assertThat(refused).contains(id);
        assertThat(pending.out()).contains("openai-api", "CREDIT_CARD").doesNotContain(card);

        assertThat(command("answer", id, "--redact").status()).isZero();
        assertThat(post("Refund " + card)).startsWith("HTTP/1.1 200");
        assertThat(arrived()).contains("[CREDIT_CARD-1]").doesNotContain(card);
        Event event = agent.awaitEvent(e -> e.outcome() == Outcome.SENT_REDACTED);
        assertThat(event.correlation().toString()).endsWith(id);
        assertThat(event.explanation()).endsWith("Answered in the terminal.");
        assertThat(event.findings()).containsEntry("CREDIT_CARD", 1);

        AgentProcess.Result again = command("answer", id, "--redact");
        assertThat(again.status()).isEqualTo(1);
        assertThat(again.errLines()).containsExactly("chaperone: that question is settled already");
    }

    @Test
    void agentThatAnswersForItselfIsRefused() throws Exception {
        start("block", "60s");
        String refused = post("Refund " + card);
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
                                "--data-dir=" + agent.data())
                        .redirectErrorStream(true)
                        .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isEqualTo(1);
        assertThat(said).contains("chaperone: not sent: an AI agent");
        assertThat(post("Refund " + card)).isEqualTo(refused);
        assertThat(arrived()).isEmpty();

        // The agent does not take the word of a process without a terminal, whatever it claims.
        try (IpcClient program = IpcClient.connect(agent.data().resolve("agent.sock"))) {
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
        start("block", "5s");
        try (IpcClient ui = ui()) {
            String answer = post("Refund " + card);
            assertThat(answer).contains("Nobody answered", asked(ui).shortId());
            assertThat(agent.events()).noneMatch(e -> "CHP-GATE-002".equals(e.code()));
        }
    }

    /** Twelve turns that resend their history, with three retries and two reconnects. */
    @Test
    void conversationIsAskedAboutOncePerFindingAndHasOneEventATurn() throws Exception {
        start("block", "60s");
        String second = SampleSecrets.card(new Random());
        Set<String> cards = new HashSet<>();
        List<String> turns = new ArrayList<>();
        try (IpcClient ui = ui()) {
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
                        CompletableFuture.supplyAsync(() -> postBody(body));
                if (turn == 2 || turn == 7) {
                    Question question = asked(ui);
                    cards.add(question.shortId());
                    assertThat(question.marks()).hasSize(1);
                    answer(ui, question.shortId(), Choice.Redact.all());
                }
                assertThat(get(sent)).startsWith("HTTP/1.1 200");
                assertRedacted(turn, second);
                if (turn == 2 || turn == 8 || turn == 12) {
                    assertThat(postBody(body)).startsWith("HTTP/1.1 200");
                    assertRedacted(turn, second);
                }
            }
            assertThat(ui.call(Ipc.PENDING, Map.of())).isEmpty();
        }
        assertThat(cards).hasSize(2);
        Event last = agent.awaitEvent(e -> e.repeats() == 1 && e.seq() >= 12);
        assertThat(last.seq()).isEqualTo(12);
        List<Event> events = agent.events();
        assertThat(events).hasSize(12);
        assertThat(events.stream().mapToInt(Event::repeats).sum()).isEqualTo(3);
        assertThat(events.stream().filter(e -> !e.findings().isEmpty())).hasSize(2);
    }

    private void assertRedacted(int turn, String second) throws Exception {
        String arrived = arrived();
        assertThat(arrived).doesNotContain(card, second).contains("turn " + turn);
        if (turn >= 2) {
            assertThat(arrived).contains("Refund [CREDIT_CARD-1] in turn 2");
        }
        if (turn >= 7) {
            assertThat(arrived).contains("And [CREDIT_CARD-2] in turn 7");
        }
    }

    private void leaveWhileAsked(IpcClient ui, byte[] body, Set<String> cards) throws Exception {
        try (SSLSocket socket = agent.open(HOST)) {
            write(socket, body);
            cards.add(asked(ui).shortId());
        }
        assertThat(ui.value(next(ui, Ipc.WITHDRAWN), Settled.class).how())
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

    @Test
    void nothingOnDiskHoldsWhatWasAskedAbout() throws Exception {
        start("block", "60s");
        assertThat(post("Refund " + card)).contains("Nobody answered");
        try (IpcClient ui = ui()) {
            CompletableFuture<String> sent = send("Refund " + card);
            answer(ui, asked(ui).shortId(), new Choice.Cancel());
            assertThat(get(sent)).contains("It was cancelled");
        }
        assertThat(agent.awaitEvent(e -> e.outcome() == Outcome.CANCELLED).explanation())
                .doesNotContain(card);
        try (Stream<Path> files = Files.walk(agent.data())) {
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
        start("block", "60s");
        try (IpcClient ui = ui()) {
            CompletableFuture<String> sent = send("Refund " + card);
            Question question = asked(ui);
            agent.close();
            assertThat(get(sent)).contains("Nobody answered", question.shortId());
            assertThat(arrived()).isEmpty();
        }
    }

    private AgentProcess.Result command(String... arguments) throws Exception {
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 1);
        all[arguments.length] = "--data-dir=" + agent.data();
        return AgentProcess.run(folder, all);
    }
}
