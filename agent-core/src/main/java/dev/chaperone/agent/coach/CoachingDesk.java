// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.coach;

import dev.chaperone.agent.TimeOrderedUuid;
import dev.chaperone.model.ipc.AnswerRequest.Via;
import dev.chaperone.model.ipc.Answered;
import dev.chaperone.model.ipc.Choice;
import dev.chaperone.model.ipc.Ipc;
import dev.chaperone.model.ipc.Question;
import dev.chaperone.model.ipc.Question.State;
import dev.chaperone.model.ipc.Settled;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Holds the questions that are open and remembers how they were answered (DESIGN §4.5; ADR 0009).
 *
 * <p>One verdict per content: what holds for a segment is kept for an hour after its last use, so
 * that retries, reconnects and resent history are not asked about again; identical requests at the
 * same time share one question. With an interface of the user's attached a request is held to the
 * rule's deadline; without one it takes {@code on-timeout} at once, and where that refuses it the
 * question stays answerable for an hour, for the next try. Thread-safe.
 */
public final class CoachingDesk implements AutoCloseable {
    /** Most requests held for an answer; one more takes its rule's {@code on-timeout}. */
    static final int MAX_HELD = 64;

    static final int MAX_HELD_BY_USER = 16;
    private static final Duration RECORD_LIMIT = Duration.ofSeconds(6); // the store's own is 5 s

    private final InstantSource clock;
    private final Verdicts verdicts = new Verdicts();
    private final ContentKey.Maker keys = new ContentKey.Maker();
    private final Map<ContentKey, OpenQuestion> held = new HashMap<>();
    private final RefusedQuestions refused = new RefusedQuestions();
    private final History history = new History();
    private final Map<Long, Integer> attending = new HashMap<>();
    private final Map<Long, Long> asking = new ConcurrentHashMap<>();
    private volatile DeskListener listener = DeskListener.NOBODY;
    private boolean closed;

    public CoachingDesk(InstantSource clock) {
        this.clock = clock;
    }

    /** Who is told of questions; one at most. */
    public void listen(DeskListener told) {
        listener = told;
    }

    /** An interface of a user opened. */
    public synchronized void attend(long uid) {
        attending.merge(uid, 1, Integer::sum);
    }

    /** Whether an interface of a user is open. */
    public synchronized boolean attended(long uid) {
        return attending.containsKey(uid);
    }

    /** An interface of a user closed; what is held for that user is held on to its deadline. */
    public synchronized void leave(long uid) {
        attending.computeIfPresent(uid, (_, n) -> n > 1 ? n - 1 : null);
    }

    /**
     * What holds for a coached prompt. Blocks until the person answers, the rule's deadline ends or
     * the thread is interrupted because the client left, which withdraws the question.
     */
    public Consultation consult(Matter matter) throws InterruptedException {
        List<Subject> subjects = Subject.of(matter, keys);
        Optional<Consultation> known = known(matter, subjects);
        if (known.isPresent()) {
            return awaitRecord(known.get(), subjects);
        }
        OpenQuestion open;
        boolean fresh;
        synchronized (this) {
            List<Subject> unknown = verdicts.unknown(subjects);
            ContentKey content = content(unknown);
            OpenQuestion shared = held.get(content);
            fresh = shared == null;
            if (fresh && !mayHold(matter.uid())) {
                return takeTimeout(make(matter, unknown, content), matter, subjects);
            }
            open = shared == null ? hold(matter, unknown, content) : shared;
            open.waiting++;
            asking.put(matter.exchange().id(), open.deadline);
        }
        if (fresh) {
            listener.asked(open.question());
        }
        try {
            return await(open, matter, subjects);
        } finally {
            asking.remove(matter.exchange().id());
        }
    }

    /** How long from now a request is meant to wait for a person; not positive when it is not. */
    public Duration asking(long exchange) {
        Long deadline = asking.get(exchange);
        return deadline == null ? Duration.ZERO : Duration.ofNanos(deadline - System.nanoTime());
    }

    private Consultation await(OpenQuestion open, Matter matter, List<Subject> subjects)
            throws InterruptedException {
        try {
            boolean ignored =
                    open.settled.get(open.deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (Thread.interrupted()) {
                // The client left as the answer came, which is for those who still wait, or for the
                // next try: whoever takes it must also write its event.
                throw new InterruptedException();
            }
        } catch (TimeoutException | ExecutionException e) {
            // Nobody answered in time; an answer that comes between is taken below.
        } catch (InterruptedException e) {
            withdraw(open);
            throw e;
        }
        Optional<Consultation> known = known(matter, subjects);
        return known.isPresent()
                ? awaitRecord(known.get(), subjects)
                : expire(open, matter, subjects);
    }

    private synchronized Optional<Consultation> known(Matter matter, List<Subject> subjects) {
        return verdicts.all(subjects, () -> Subject.prompt(matter, keys));
    }

    /** Of several requests with one question, one writes the event and the others repeat it. */
    private Consultation awaitRecord(Consultation known, List<Subject> subjects)
            throws InterruptedException {
        if (known.news().isEmpty()) {
            for (CountDownLatch recorded : verdicts.recorded(subjects)) {
                boolean ignored = recorded.await(RECORD_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            }
        }
        return known;
    }

    private boolean mayHold(long uid) {
        return !closed
                && attending.containsKey(uid)
                && held.size() < MAX_HELD
                && held.values().stream().filter(o -> o.uid == uid).count() < MAX_HELD_BY_USER;
    }

    private OpenQuestion make(Matter matter, List<Subject> unknown, ContentKey content) {
        return new OpenQuestion(content, matter, unknown, Subject.prompt(matter, keys));
    }

    private OpenQuestion hold(Matter matter, List<Subject> unknown, ContentKey content) {
        OpenQuestion open = make(matter, unknown, content);
        word(open, matter, clock.instant().plus(matter.coach().within()), State.HELD);
        refused.remove(open.question().id());
        held.put(content, open);
        return open;
    }

    private void word(OpenQuestion open, Matter matter, Instant until, State state) {
        Instant now = clock.instant();
        UUID id = verdicts.questionId(open.content, () -> TimeOrderedUuid.next(now));
        open.worded(Wording.of(matter, open.subjects, id, now, until, state));
    }

    private Consultation expire(OpenQuestion open, Matter matter, List<Subject> subjects) {
        boolean first;
        Consultation consultation;
        synchronized (this) {
            Optional<Consultation> late = known(matter, subjects);
            if (late.isPresent()) {
                return late.get(); // answered at the last moment
            }
            first = held.remove(open.content, open);
            consultation = takeTimeout(open, matter, subjects);
        }
        if (first) {
            end(open, Settled.How.TIMED_OUT);
        }
        return consultation;
    }

    /** The rule's {@code on-timeout}; what it refuses stays answerable. Called under the lock. */
    private Consultation takeTimeout(OpenQuestion open, Matter matter, List<Subject> subjects) {
        Map<Integer, Ruling> rulings = verdicts.rulings(subjects);
        Set<Integer> unanswered = new HashSet<>();
        verdicts.unknown(subjects).forEach(s -> unanswered.add(s.segment()));
        UUID id = null;
        if (matter.goesUnanswered()) {
            verdicts.remember(open, Rulings.unanswered(open), null);
        } else {
            Instant now = clock.instant();
            word(open, matter, now.plus(RefusedQuestions.KEPT), State.REFUSED);
            refused.put(open, now);
            id = open.question().id();
        }
        return new Consultation(
                rulings,
                unanswered,
                Verdicts.cancelled(rulings, () -> open.prompt),
                id,
                verdicts.eventId(id).orElse(null),
                Optional.empty());
    }

    private void withdraw(OpenQuestion open) {
        synchronized (this) {
            open.waiting--;
            if (open.waiting > 0 || !held.remove(open.content, open)) {
                return;
            }
        }
        end(open, Settled.How.CLIENT_LEFT);
    }

    private void end(OpenQuestion open, Settled.How how) {
        Question q = open.question();
        Settled settled = new Settled(q.id(), q.service(), q.app(), q.rule(), how, clock.instant());
        history.add(q.uid(), settled);
        listener.settled(q.uid(), settled);
    }

    private ContentKey content(List<Subject> subjects) {
        List<String> parts = new ArrayList<>();
        subjects.forEach(s -> parts.add(s.key().high() + ":" + s.key().low()));
        parts.sort(null);
        return keys.of(parts);
    }

    // ---- for interfaces

    /** The open questions, oldest first: of one user, or of everybody for uid null. */
    public synchronized List<Question> open(@Nullable Long uid) {
        refused.expire(clock.instant());
        List<Question> all = new ArrayList<>();
        held.values().forEach(o -> all.add(o.question()));
        refused.all().forEach(o -> all.add(o.question()));
        return all.stream()
                .filter(q -> uid == null || q.uid() == uid)
                .sorted(java.util.Comparator.comparing(Question::asked))
                .toList();
    }

    /** How the last questions of a user ended, oldest first. */
    public List<Settled> history(long uid) {
        return history.of(uid);
    }

    /** Says whether the one who answers may let something go; empty when so, else why not. */
    @FunctionalInterface
    public interface SendGuard {
        Optional<String> refusal(Question question);
    }

    /**
     * Takes an answer.
     *
     * @param uid whose questions may be answered; null for everybody's
     * @param id the question's UUID or its last eight hex digits
     * @param guard asked before anything that was found may go
     * @throws AnswerException when it is not taken
     */
    public Answered answer(@Nullable Long uid, String id, Choice choice, Via via, SendGuard guard)
            throws AnswerException {
        Question named = find(uid, id);
        if (Rulings.sends(choice, named)) {
            Optional<String> why = guard.refusal(named);
            if (why.isPresent()) {
                throw new AnswerException(Ipc.NOT_ALLOWED, why.get());
            }
        }
        OpenQuestion open;
        boolean wasHeld;
        synchronized (this) {
            open = current(named.id());
            verdicts.remember(
                    open,
                    Rulings.of(choice, open),
                    new Verdicts.Given(named.id(), via, Rulings.reasonLength(choice)));
            wasHeld = held.remove(open.content, open);
            refused.remove(named.id());
        }
        end(open, how(choice));
        open.settled.complete(true);
        return new Answered(named.id(), wasHeld);
    }

    private Question find(@Nullable Long uid, String id) throws AnswerException {
        List<Question> named =
                open(uid).stream()
                        .filter(q -> q.id().toString().equals(id) || q.shortId().equals(id))
                        .toList();
        if (named.size() == 1) {
            return named.getFirst();
        }
        if (named.size() > 1) {
            throw new AnswerException(Ipc.AMBIGUOUS, "that id names several; give it in full");
        }
        throw history.ended(uid, id)
                ? new AnswerException(Ipc.ALREADY_ANSWERED, "that question is settled already")
                : new AnswerException(
                        Ipc.NO_SUCH_QUESTION,
                        "no open question has that id; 'chaperone pending' lists them");
    }

    private OpenQuestion current(UUID id) throws AnswerException {
        return held.values().stream()
                .filter(o -> o.question().id().equals(id))
                .findFirst()
                .or(() -> refused.of(id))
                .orElseThrow(() ->
                        new AnswerException(
                                Ipc.ALREADY_ANSWERED, "that question is settled already"));
    }

    private static Settled.How how(Choice choice) {
        return switch (choice) {
            case Choice.Redact _ -> Settled.How.REDACTED;
            case Choice.Send _ -> Settled.How.SENT;
            case Choice.Edit _ -> Settled.How.EDITED;
            case Choice.Cancel _ -> Settled.How.CANCELLED;
        };
    }

    /** Every request that is held takes its rule's {@code on-timeout}; nobody is asked any more. */
    @Override
    public void close() {
        List<OpenQuestion> all;
        synchronized (this) {
            closed = true;
            all = List.copyOf(held.values());
        }
        all.forEach(o -> o.settled.complete(false));
    }
}
