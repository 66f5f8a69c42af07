// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.demo;

import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Outcome;
import dev.chaperone.model.ipc.Activity;
import dev.chaperone.model.ipc.Answered;
import dev.chaperone.model.ipc.Choice;
import dev.chaperone.model.ipc.Ipc;
import dev.chaperone.model.ipc.Ledger;
import dev.chaperone.model.ipc.Paused;
import dev.chaperone.model.ipc.Question;
import dev.chaperone.model.ipc.Settled;
import dev.chaperone.ui.link.Agent;
import dev.chaperone.ui.link.AgentException;
import dev.chaperone.ui.link.AgentListener;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** An agent that is none: sample data, and answers that change it. Thread-safe. */
public final class DemoAgent implements Agent {
    private static final long KEPT = 7;

    private final AgentListener listener;
    private final Sample sample;
    private final Map<UUID, Question> open = new LinkedHashMap<>();
    private final List<Activity> activities;
    private long kept = KEPT;
    private @Nullable Instant pausedUntil;

    public DemoAgent(AgentListener listener, String language) {
        this(listener, new Sample(language, Instant.now()));
    }

    /** With data made by the caller, for pictures that are always the same. */
    public DemoAgent(AgentListener listener, Sample sample) {
        this.listener = listener;
        this.sample = sample;
        this.activities = new ArrayList<>(sample.activities());
        open.put(sample.secrets().id(), sample.secrets());
        open.put(sample.legal().id(), sample.legal());
    }

    /** Tells the listener of everything there is. */
    public synchronized void start() {
        listener.connected(List.copyOf(open.values()), System.nanoTime());
        status();
    }

    private void status() {
        listener.status(sample.status(open.size(), pausedUntil));
    }

    @Override
    public synchronized CompletableFuture<Answered> answer(UUID question, Choice choice) {
        Question asked = open.remove(question);
        if (asked == null) {
            return CompletableFuture.failedFuture(
                    new AgentException(Ipc.NO_SUCH_QUESTION, "no such question"));
        }
        activities.addFirst(
                new Activity(
                        asked.id(),
                        Instant.now(),
                        asked.service(),
                        asked.app(),
                        "unknown",
                        Action.COACH,
                        outcome(choice),
                        asked.rule(),
                        asked.message(),
                        asked.marks().stream()
                                .collect(
                                        Collectors.toMap(
                                                Question.Mark::type, _ -> 1, Integer::sum)),
                        Map.of(),
                        null,
                        0));
        listener.withdrawn(
                new Settled(
                        asked.id(),
                        asked.service(),
                        asked.app(),
                        asked.rule(),
                        how(choice),
                        Instant.now()));
        status();
        return CompletableFuture.completedFuture(new Answered(asked.id(), true));
    }

    private static Outcome outcome(Choice choice) {
        return switch (choice) {
            case Choice.Redact _ -> Outcome.SENT_REDACTED;
            case Choice.Send _ -> Outcome.SENT_WITH_REASON;
            case Choice.Edit _ -> Outcome.EDITED;
            case Choice.Cancel _ -> Outcome.CANCELLED;
        };
    }

    private static Settled.How how(Choice choice) {
        return switch (choice) {
            case Choice.Redact _ -> Settled.How.REDACTED;
            case Choice.Send _ -> Settled.How.SENT;
            case Choice.Edit _ -> Settled.How.EDITED;
            case Choice.Cancel _ -> Settled.How.CANCELLED;
        };
    }

    @Override
    public synchronized CompletableFuture<List<Activity>> activity() {
        return CompletableFuture.completedFuture(List.copyOf(activities));
    }

    @Override
    public synchronized CompletableFuture<Ledger> ledger() {
        return CompletableFuture.completedFuture(sample.ledger(kept));
    }

    @Override
    public synchronized CompletableFuture<Long> forget() {
        long were = kept;
        kept = 0;
        return CompletableFuture.completedFuture(were);
    }

    /** Ends on {@link #resume} only: a demonstration is shorter. */
    @Override
    public synchronized CompletableFuture<Paused> pause(int minutes, String reason) {
        Instant until = Instant.now().plus(Duration.ofMinutes(minutes));
        pausedUntil = until;
        status();
        return CompletableFuture.completedFuture(new Paused(until));
    }

    @Override
    public synchronized CompletableFuture<Boolean> resume() {
        boolean was = pausedUntil != null;
        pausedUntil = null;
        status();
        return CompletableFuture.completedFuture(was);
    }
}
