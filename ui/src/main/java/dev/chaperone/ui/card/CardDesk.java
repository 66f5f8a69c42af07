// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.card;

import dev.chaperone.model.ipc.Answered;
import dev.chaperone.model.ipc.Choice;
import dev.chaperone.model.ipc.Ipc;
import dev.chaperone.model.ipc.Question;
import dev.chaperone.model.ipc.Settled;
import dev.chaperone.ui.common.Inert;
import dev.chaperone.ui.common.Words;
import dev.chaperone.ui.link.Agent;
import dev.chaperone.ui.link.AgentException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.function.LongSupplier;
import javafx.application.Platform;
import javafx.scene.input.Clipboard;
import javafx.scene.input.ClipboardContent;
import org.jspecify.annotations.Nullable;

/**
 * The open questions, one on the screen at a time, oldest first. A card goes away when it has ended
 * and been read; one that could not be answered stays until the person closes it. On the JavaFX
 * thread.
 */
public final class CardDesk {
    private static final int MAX_QUEUE = 256;
    private static final double READ_OWN = 1_800; // ms that "sent" stays
    private static final double READ_OTHERS = 5_000; // ms for what happened elsewhere

    private final Agent agent;
    private final Words words;
    private final CardWindow window;
    private final List<Waiting> queue = new ArrayList<>();
    private @Nullable CardView view;
    private @Nullable UUID answering;
    private boolean over;
    private boolean connected = true;

    private record Waiting(Question question, long read) {}

    /** Told when a card is on the screen. */
    @FunctionalInterface
    public interface ShownListener {
        /**
         * @param millis since its question was read from the agent
         */
        void shown(Question question, long millis);
    }

    /**
     * @param clock nanoseconds, as {@link System#nanoTime}
     */
    public CardDesk(Agent agent, Words words, LongSupplier clock, ShownListener shown) {
        this.agent = agent;
        this.words = words;
        this.window = new CardWindow(words, clock, shown, this::tick);
    }

    // ---- what the agent says

    /** A new question. */
    public void asked(Question question, long read) {
        boolean known = queue.stream().anyMatch(w -> w.question().id().equals(question.id()));
        if (!known && queue.size() < MAX_QUEUE) {
            queue.add(new Waiting(question, read));
        }
        showFirst();
    }

    /** The agent is there (again), with these questions open. */
    public void connected(List<Question> open, long read) {
        connected = true;
        List<UUID> ids = open.stream().map(Question::id).toList();
        Waiting first = queue.isEmpty() ? null : queue.getFirst();
        queue.removeIf(w -> !w.equals(first) && !ids.contains(w.question().id()));
        if (first != null && view != null && !over) {
            if (ids.contains(first.question().id())) {
                view.open("");
            } else {
                end(words.get("card.error.gone"), true, 0);
            }
        }
        open.stream()
                .sorted(Comparator.comparing(Question::asked))
                .forEach(question -> asked(question, read));
    }

    /** The agent is gone. */
    public void disconnected() {
        connected = false;
        if (view != null && !over) {
            view.agentGone();
        }
    }

    /** A question ended; by this card or elsewhere. */
    public void withdrawn(Settled settled) {
        UUID first = queue.isEmpty() ? null : queue.getFirst().question().id();
        if (!settled.id().equals(first)) {
            queue.removeIf(w -> w.question().id().equals(settled.id()));
            count();
        } else if (view == null) {
            queue.removeFirst();
        } else if (!over && !settled.id().equals(answering)) {
            // What the person was writing is theirs: it stays until they close it.
            boolean draft = view.hasDraft();
            end(
                    words.get("settled." + settled.how().name().toLowerCase(java.util.Locale.ROOT)),
                    draft,
                    draft ? 0 : READ_OTHERS);
        }
    }

    /** Shows the first open question to a person who asks for it. */
    public void bringForward() {
        showFirst();
        window.bringForward();
    }

    // ---- the card on the screen

    private void showFirst() {
        if (!queue.isEmpty() && view == null) {
            Waiting first = queue.getFirst();
            over = false;
            answering = null;
            view = new CardView(first.question(), words, new Actions(first.question()));
            view.tick(Instant.now());
            if (!connected) {
                view.agentGone();
            }
            window.show(view, first.question(), first.read());
        } else if (view != null) {
            window.reopen();
        }
        count();
    }

    private void count() {
        if (view != null) {
            view.others(queue.size() - 1);
        }
    }

    private void tick() {
        if (view != null) {
            view.tick(Instant.now());
        }
    }

    /**
     * @param millis how long it stays; 0 for until it is closed
     */
    private void end(String says, boolean wrong, double millis) {
        CardView ended = view;
        if (ended != null) {
            over = true;
            ended.over(says, wrong);
            if (millis > 0) {
                window.after(millis, () -> next(ended));
            }
        }
    }

    private void next(CardView ended) {
        if (view == ended) {
            view = null;
            queue.removeFirst();
            if (queue.isEmpty()) {
                window.hide();
            }
            showFirst();
        }
    }

    private void answered(
            Question question,
            Choice choice,
            @Nullable Answered done,
            @Nullable Throwable failure) {
        if (view == null || !question.id().equals(answering)) {
            return; // another card is shown by now
        }
        answering = null;
        if (done != null) {
            end(words.get((done.held() ? "done." : "noted.") + name(choice)), false, READ_OWN);
        } else if (failure != null) {
            failed(view, failure);
        }
    }

    private static String name(Choice choice) {
        return switch (choice) {
            case Choice.Redact _ -> "redact";
            case Choice.Send _ -> "send";
            case Choice.Edit _ -> "edit";
            case Choice.Cancel _ -> "cancel";
        };
    }

    private void failed(CardView shown, Throwable failure) {
        int code = AgentException.codeOf(failure);
        switch (code) {
            case Ipc.ALREADY_ANSWERED -> end(words.get("card.error.answered"), true, 0);
            case Ipc.NO_SUCH_QUESTION -> end(words.get("card.error.gone"), true, 0);
            case Ipc.NOT_ALLOWED ->
                    shown.open(words.get("card.error.not-allowed", reason(failure)));
            case AgentException.NO_AGENT -> {
                if (connected) {
                    shown.open(words.get("card.error.silent"));
                } else {
                    shown.agentGone();
                }
            }
            default -> shown.open(words.get("card.error.other", code));
        }
    }

    private static String reason(Throwable failure) {
        Throwable cause = failure.getCause() != null ? failure.getCause() : failure;
        return Inert.line(String.valueOf(cause.getMessage()), 200);
    }

    /** What one card asks for. */
    private final class Actions implements CardActions {
        private final Question question;

        Actions(Question question) {
            this.question = question;
        }

        @Override
        public void choose(Choice choice) {
            answering = question.id();
            agent.answer(question.id(), choice)
                    .whenComplete((done, failure) ->
                            Platform.runLater(() -> answered(question, choice, done, failure)));
        }

        @Override
        public void copy(String text) {
            ClipboardContent content = new ClipboardContent();
            content.putString(text);
            Clipboard.getSystemClipboard().setContent(content);
        }

        @Override
        public void close() {
            if (view != null) {
                next(view);
            }
        }
    }
}
