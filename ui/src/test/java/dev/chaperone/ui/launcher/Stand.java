// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.launcher;

import dev.chaperone.model.decision.Action;
import dev.chaperone.model.finding.Span;
import dev.chaperone.model.ipc.Ipc;
import dev.chaperone.model.ipc.Question;
import dev.chaperone.model.prompt.Origin;
import dev.chaperone.ui.common.Look;
import dev.chaperone.ui.common.Words;
import dev.chaperone.ui.demo.SimulatedPerson;
import dev.chaperone.ui.link.AgentLink;
import dev.chaperone.ui.testing.Fx;
import dev.chaperone.ui.testing.TestAgent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/** The whole interface but its process and tray, on a real socket, with windows and a robot. */
final class Stand implements AutoCloseable {
    static final UUID FIRST = UUID.fromString("019aa000-0000-7000-8000-00000000f001");
    static final UUID SECOND = UUID.fromString("019aa000-0000-7000-8000-00000000f002");
    static final String TEXT = "pay with CARD-ONE, mail MAIL-TWO now";

    final Fx fx = new Fx();
    final Path socket;
    final Desktop desktop;
    final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final AtomicLong ahead = new AtomicLong();
    private TestAgent agent;

    Stand(Path folder, String language, Question... open) throws IOException {
        socket = folder.resolve("agent.sock");
        agent = new TestAgent(socket, open);
        PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
        desktop =
                new Desktop(
                        listener -> new AgentLink(socket, language, listener),
                        Words.in(language),
                        Look.Theme.LIGHT,
                        new Console(print, print),
                        () -> System.nanoTime() + ahead.get(),
                        false,
                        new SimulatedPerson(SimulatedPerson.Does.NOTHING));
        AgentLink link = (AgentLink) desktop.agent();
        link.start();
        link.tried().join();
    }

    TestAgent agent() {
        return agent;
    }

    /** The agent ends; a new one starts with these questions. */
    void restart(Question... open) throws IOException {
        agent.close();
        agent = new TestAgent(socket, open);
    }

    /** Asks, and waits until the card says that it was shown and takes clicks. */
    void ask(Question question) {
        agent.tell(Ipc.COACH, question);
        shown(question.id());
    }

    void shown(UUID id) {
        fx.until(
                "card " + id + " is shown",
                () -> printed().contains("card " + id + " shown after"));
        settle();
    }

    /** As if the person had waited for two seconds. */
    void settle() {
        ahead.addAndGet(Duration.ofSeconds(2).toNanos());
    }

    String printed() {
        return out.toString(StandardCharsets.UTF_8);
    }

    /** The one line of an answer that the agent read. */
    String answer() {
        fx.until("an answer", () -> !agent.requests(Ipc.ANSWER).isEmpty());
        return agent.requests(Ipc.ANSWER).getLast();
    }

    /** A question with two marks that may be kept. */
    static Question question(UUID id) {
        return question(id, TEXT, true, false);
    }

    static Question question(UUID id, String text, boolean redactable, boolean required) {
        return new Question(
                id,
                1000,
                "chatgpt",
                "curl",
                "r",
                "Two things were found.",
                "",
                null,
                List.of(new Question.Passage(0, Origin.USER, 0, text, true)),
                List.of(
                        mark(1, "CREDIT_CARD", text, "CARD-ONE", required),
                        mark(2, "EMAIL", text, "MAIL-TWO", false)),
                0,
                redactable,
                Instant.now(),
                Instant.now().plusSeconds(120),
                redactable ? Action.REDACT : Action.BLOCK,
                Question.State.HELD);
    }

    private static Question.Mark mark(
            int number, String type, String text, String value, boolean required) {
        int at = text.indexOf(value);
        return new Question.Mark(
                number,
                type,
                0,
                new Span(at, at + value.length()),
                "C…" + number,
                "[" + type + "-1]",
                required);
    }

    @Override
    public void close() throws IOException {
        ((AgentLink) desktop.agent()).close();
        fx.clear();
        agent.close();
    }
}
