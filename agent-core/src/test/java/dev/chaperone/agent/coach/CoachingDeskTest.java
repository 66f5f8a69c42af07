// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.coach;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.chaperone.model.decision.Action;
import dev.chaperone.model.finding.Span;
import dev.chaperone.model.ipc.AnswerRequest.Via;
import dev.chaperone.model.ipc.Choice;
import dev.chaperone.model.ipc.Ipc;
import dev.chaperone.model.ipc.Question;
import dev.chaperone.model.ipc.Settled;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CoachingDeskTest {
    private static final long ANN = 1000;
    private static final long BOB = 1001;

    private final BlockingQueue<Question> asked = new LinkedBlockingQueue<>();
    private final BlockingQueue<Settled> ended = new LinkedBlockingQueue<>();
    private Instant now = Instant.parse("2026-11-25T12:00:00Z");
    private final InstantSource clock = () -> now;
    private final CoachingDesk desk = new CoachingDesk(clock);

    CoachingDeskTest() {
        desk.listen(
                new DeskListener() {
                    @Override
                    public void asked(Question question) {
                        asked.add(question);
                    }

                    @Override
                    public void settled(long uid, Settled settled) {
                        ended.add(settled);
                    }
                });
    }

    @AfterEach
    void close() {
        desk.close();
    }

    /** A request on a thread of its own. */
    private final class Held {
        final CompletableFuture<Consultation> said = new CompletableFuture<>();
        final Thread thread;

        Held(Matter matter) {
            thread =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    Consultation consultation = desk.consult(matter);
                                    consultation.recorded();
                                    said.complete(consultation);
                                } catch (InterruptedException e) {
                                    said.cancel(false);
                                }
                            });
        }

        Consultation get() throws Exception {
            return said.get(10, TimeUnit.SECONDS);
        }
    }

    private Question nextQuestion() throws InterruptedException {
        return Objects.requireNonNull(asked.poll(10, TimeUnit.SECONDS));
    }

    private Settled.How nextEnd() throws InterruptedException {
        return Objects.requireNonNull(ended.poll(10, TimeUnit.SECONDS)).how();
    }

    private void answer(Question question, Choice choice) throws AnswerException {
        assertThat(
                        desk.answer(
                                        question.uid(),
                                        question.shortId(),
                                        choice,
                                        Via.UI,
                                        _ -> Optional.empty())
                                .id())
                .isEqualTo(question.id());
    }

    @Test
    void answerIsForTheRequestThatWaits() throws Exception {
        desk.attend(ANN);
        Held held = new Held(Matters.of(ANN, Action.BLOCK, "say secret1 and secret2"));
        Question question = nextQuestion();
        assertThat(question.marks()).extracting(Question.Mark::number).containsExactly(1, 2);
        answer(question, new Choice.Redact(List.of(2), "the first is public"));
        Ruling ruling = Objects.requireNonNull(held.get().rulings().get(0));
        assertThat(ruling.kind()).isEqualTo(Ruling.Kind.REDACT);
        assertThat(ruling.left()).containsExactly(new Span(4, 11));
        assertThat(held.get().eventId()).isEqualTo(question.id());
        assertThat(held.get().news().orElseThrow().reasonLength()).isEqualTo(19);
        assertThat(nextEnd()).isEqualTo(Settled.How.REDACTED);
        assertThat(desk.open(ANN)).isEmpty();
    }

    @Test
    void deadlineEndsTheWait() throws Exception {
        desk.attend(ANN);
        Matter matter = Matters.within(Duration.ofMillis(1), ANN, Action.BLOCK, "secret");
        Consultation said = desk.consult(matter);
        assertThat(said.unanswered()).containsExactly(0);
        assertThat(nextEnd()).isEqualTo(Settled.How.TIMED_OUT);
        assertThat(desk.open(ANN))
                .singleElement()
                .satisfies(q -> assertThat(q.state()).isEqualTo(Question.State.REFUSED))
                .satisfies(q -> assertThat(q.id()).isEqualTo(said.question()));
        assertThat(desk.asking(matter.exchange().id())).isLessThanOrEqualTo(Duration.ZERO);
    }

    @Test
    void requestThatIsAskedAboutSaysHowLongItMayWait() throws Exception {
        desk.attend(ANN);
        Matter matter = Matters.of(ANN, Action.BLOCK, "secret");
        Held held = new Held(matter);
        Question question = nextQuestion();
        assertThat(desk.asking(matter.exchange().id()))
                .isBetween(Duration.ofSeconds(60), Duration.ofMinutes(2));
        answer(question, new Choice.Cancel());
        held.get();
        assertThat(desk.asking(matter.exchange().id())).isEqualTo(Duration.ZERO);
    }

    @Test
    void clientThatLeavesWithdrawsTheQuestionAndComesBackToTheSameOne() throws Exception {
        desk.attend(ANN);
        Held held = new Held(Matters.of(ANN, Action.ALLOW, "secret"));
        Question question = nextQuestion();
        held.thread.interrupt();
        assertThat(nextEnd()).isEqualTo(Settled.How.CLIENT_LEFT);
        assertThat(desk.open(ANN)).isEmpty();
        Held again = new Held(Matters.of(ANN, Action.ALLOW, "secret"));
        assertThat(nextQuestion().id()).isEqualTo(question.id());
        answer(question, Choice.Redact.all());
        assertThat(again.get().rulings()).containsKey(0);
    }

    @Test
    void identicalRequestsShareOneQuestionAndOneEvent() throws Exception {
        desk.attend(ANN);
        List<Held> all = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Matter matter = Matters.of(ANN, Action.BLOCK, "secret");
            all.add(new Held(matter));
            awaitHeld(matter); // the one that leaves must not be the only one
        }
        Question question = nextQuestion();
        all.removeFirst().thread.interrupt();
        answer(question, Choice.Redact.all());
        int news = 0;
        for (Held held : all) {
            news += held.get().news().isPresent() ? 1 : 0;
        }
        assertThat(news).isEqualTo(1);
        assertThat(asked).isEmpty();
        assertThat(new Held(Matters.of(ANN, Action.BLOCK, "secret")).get().news()).isEmpty();
    }

    private void awaitHeld(Matter matter) {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!desk.asking(matter.exchange().id()).isPositive()) {
            assertThat(System.nanoTime() - until).as("never held").isNegative();
            Thread.onSpinWait();
        }
    }

    @Test
    void answerThatComesAsTheClientLeavesIsForTheNextTry() throws Exception {
        desk.attend(ANN);
        desk.listen(
                new DeskListener() {
                    @Override
                    public void asked(Question question) {
                        try { // on the request's thread, before it waits
                            answer(question, Choice.Redact.all());
                        } catch (AnswerException e) {
                            throw new AssertionError(e);
                        }
                        Thread.currentThread().interrupt();
                    }

                    @Override
                    public void settled(long uid, Settled settled) {
                        ended.add(settled);
                    }
                });
        Held left = new Held(Matters.of(ANN, Action.BLOCK, "secret"));
        assertThatThrownBy(left::get).isInstanceOf(CancellationException.class);
        assertThat(nextEnd()).isEqualTo(Settled.How.REDACTED);
        Consultation retry = desk.consult(Matters.of(ANN, Action.BLOCK, "secret"));
        assertThat(retry.rulings()).containsKey(0);
        assertThat(retry.news()).as("its event is due").isPresent();
        assertThat(ended).as("not withdrawn as well").isEmpty();
    }

    @Test
    void historyThatIsResentIsNotAskedAboutAgain() throws Exception {
        desk.attend(ANN);
        Held first = new Held(Matters.of(ANN, Action.BLOCK, "secret1"));
        answer(nextQuestion(), new Choice.Send("it is public"));
        first.get();
        Held second = new Held(Matters.of(ANN, Action.BLOCK, "secret1", "fine", "hello"));
        assertThat(second.get().rulings().get(0))
                .extracting(r -> Objects.requireNonNull(r).kind())
                .isEqualTo(Ruling.Kind.SEND);
        assertThat(second.get().news()).isEmpty();
        Held third = new Held(Matters.of(ANN, Action.BLOCK, "secret1", "fine", "also secret2"));
        Question question = nextQuestion();
        assertThat(question.passages())
                .extracting(Question.Passage::text)
                .containsExactly("also secret2");
        answer(question, Choice.Redact.all());
        assertThat(third.get().rulings()).containsOnlyKeys(0, 2);
        assertThat(third.get().news().orElseThrow().segments()).containsExactly(2);
    }

    @Test
    void anotherUserIsAskedForThemselves() throws Exception {
        desk.attend(ANN);
        desk.attend(BOB);
        Held ann = new Held(Matters.of(ANN, Action.BLOCK, "secret"));
        Question hers = nextQuestion();
        assertThat(desk.open(BOB)).isEmpty();
        assertThatThrownBy(() ->
                        desk.answer(
                                BOB,
                                hers.shortId(),
                                Choice.Redact.all(),
                                Via.UI,
                                _ -> Optional.empty()))
                .isInstanceOfSatisfying(
                        AnswerException.class,
                        e -> assertThat(e.code()).isEqualTo(Ipc.NO_SUCH_QUESTION));
        answer(hers, Choice.Redact.all());
        ann.get();
        Held bob = new Held(Matters.of(BOB, Action.BLOCK, "secret"));
        assertThat(nextQuestion().id()).isNotEqualTo(hers.id());
        bob.thread.interrupt();
    }

    @Test
    void withoutAnInterfaceTheSafeDefaultHoldsAtOnce() throws Exception {
        Consultation redacted = desk.consult(Matters.of(ANN, Action.REDACT, "secret"));
        assertThat(redacted.unanswered()).containsExactly(0);
        assertThat(redacted.question()).isNull();
        assertThat(desk.open(ANN)).isEmpty();
        desk.attend(ANN);
        assertThat(desk.consult(Matters.of(ANN, Action.REDACT, "secret", "a", "b")).rulings())
                .as("history stays as it was sent")
                .containsOnlyKeys(0);
    }

    @Test
    void refusedQuestionIsAnsweredForTheNextTry() throws Exception {
        Consultation refused = desk.consult(Matters.of(ANN, Action.BLOCK, "secret"));
        UUID id = Objects.requireNonNull(refused.question());
        assertThat(refused.eventId()).isEqualTo(id);
        assertThat(desk.consult(Matters.of(ANN, Action.BLOCK, "secret")).question()).isEqualTo(id);
        answer(desk.open(ANN).getFirst(), Choice.Redact.all());
        Consultation next = desk.consult(Matters.of(ANN, Action.BLOCK, "secret"));
        assertThat(next.news()).isPresent();
        assertThat(next.eventId()).as("the refusal has that id").isNull();
        assertThat(next.question()).isEqualTo(id);
        next.recorded();
        assertThat(desk.consult(Matters.of(ANN, Action.BLOCK, "secret")).news()).isEmpty();
    }

    @Test
    void refusedQuestionIsForgottenAfterAnHour() throws Exception {
        Consultation ignored = desk.consult(Matters.of(ANN, Action.BLOCK, "secret"));
        now = now.plus(Duration.ofMinutes(59));
        assertThat(desk.open(ANN)).hasSize(1);
        now = now.plus(Duration.ofMinutes(2));
        assertThat(desk.open(ANN)).isEmpty();
    }

    @Test
    void oneUserHoldsNoMoreThanTheirShareAndRefusedOnesAreBounded() throws Exception {
        desk.attend(ANN);
        List<Held> held = new ArrayList<>();
        for (int i = 0; i < CoachingDesk.MAX_HELD_BY_USER; i++) {
            held.add(new Held(Matters.of(ANN, Action.BLOCK, "secret" + i)));
            nextQuestion();
        }
        for (int i = 0; i < 3 * RefusedQuestions.MAX_BY_USER; i++) {
            assertThat(desk.consult(Matters.of(ANN, Action.BLOCK, "secretx" + i)).unanswered())
                    .containsExactly(0);
        }
        assertThat(desk.open(ANN))
                .hasSize(CoachingDesk.MAX_HELD_BY_USER + RefusedQuestions.MAX_BY_USER);
        desk.attend(BOB);
        Held other = new Held(Matters.of(BOB, Action.BLOCK, "secret"));
        assertThat(nextQuestion().uid()).isEqualTo(BOB);
        desk.close();
        assertThat(other.get().unanswered()).containsExactly(0);
        for (Held h : held) {
            assertThat(h.get().unanswered()).containsExactly(0);
        }
    }

    @Test
    void whatARedactRuleTakesOutCannotBeLeftIn() throws Exception {
        desk.attend(ANN);
        Held held = new Held(Matters.required(ANN, "secret1 secret2"));
        Question question = nextQuestion();
        assertThat(question.marks())
                .extracting(Question.Mark::required)
                .containsExactly(true, false);
        answer(question, new Choice.Send("both are public"));
        assertThat(Objects.requireNonNull(held.get().rulings().get(0)).left())
                .containsExactly(new Span(8, 15));
    }

    @Test
    void ruleAboutTheMessageAsksForEveryNewMessage() throws Exception {
        desk.attend(ANN);
        Held first = new Held(Matters.whole(ANN, Action.BLOCK, "a case"));
        Question question = nextQuestion();
        assertThat(question.redactable()).isFalse();
        assertThatThrownBy(() -> answer(question, Choice.Redact.all()))
                .isInstanceOf(AnswerException.class);
        answer(question, new Choice.Send("approved"));
        first.get();
        Held second = new Held(Matters.whole(ANN, Action.BLOCK, "a case", "yes", "another"));
        assertThat(nextQuestion().passages())
                .extracting(Question.Passage::text)
                .containsExactly("another");
        second.thread.interrupt();
    }

    @Test
    void guardIsAskedForAllThatLetsSomethingGoAndForNothingElse() throws Exception {
        desk.attend(ANN);
        Held held = new Held(Matters.of(ANN, Action.BLOCK, "secret1 secret2"));
        Question question = nextQuestion();
        for (Choice choice :
                List.of(
                        new Choice.Send("why"),
                        new Choice.Redact(List.of(1), "why"),
                        new Choice.Redact(List.of(), "why"))) {
            assertThatThrownBy(() ->
                            desk.answer(
                                    ANN,
                                    question.shortId(),
                                    choice,
                                    Via.UI,
                                    _ -> Optional.of("no")))
                    .isInstanceOfSatisfying(
                            AnswerException.class,
                            e -> assertThat(e.code()).isEqualTo(Ipc.NOT_ALLOWED));
        }
        assertThat(
                        desk.answer(
                                        ANN,
                                        question.shortId(),
                                        new Choice.Redact(List.of(1, 2), null),
                                        Via.UI,
                                        _ -> Optional.of("no"))
                                .held())
                .isTrue();
        held.get();
    }

    @Test
    void choicesThatAreNotOfferedAreNotTaken() throws Exception {
        desk.attend(ANN);
        Held held =
                new Held(Matters.of(ANN, Action.BLOCK, "secret", "x".repeat(20_000) + " secret"));
        Question question = nextQuestion();
        assertThat(question.passages())
                .extracting(Question.Passage::whole)
                .containsExactly(true, false);
        for (Choice choice :
                List.of(
                        new Choice.Send("  "),
                        new Choice.Send("x".repeat(2001)),
                        new Choice.Redact(List.of(0), "why"),
                        new Choice.Redact(List.of(3), "why"),
                        new Choice.Redact(List.of(1), null),
                        new Choice.Edit(Map.of()),
                        new Choice.Edit(Map.of(1, "cut")),
                        new Choice.Edit(Map.of(0, "x".repeat(70_000))))) {
            assertThatThrownBy(() -> answer(question, choice))
                    .isInstanceOfSatisfying(
                            AnswerException.class,
                            e -> assertThat(e.code()).isEqualTo(Ipc.INVALID_PARAMS));
        }
        answer(question, new Choice.Edit(Map.of(0, "nothing")));
        assertThat(Objects.requireNonNull(held.get().rulings().get(0)).text()).isEqualTo("nothing");
        assertThat(Objects.requireNonNull(held.get().rulings().get(1)).kind())
                .isEqualTo(Ruling.Kind.REDACT);
        assertThatThrownBy(() -> answer(question, new Choice.Cancel()))
                .isInstanceOfSatisfying(
                        AnswerException.class,
                        e -> assertThat(e.code()).isEqualTo(Ipc.ALREADY_ANSWERED));
    }

    @Test
    void nothingOfAPromptIsInWhatIsPrinted() throws Exception {
        desk.attend(ANN);
        Matter matter = Matters.of(ANN, Action.BLOCK, "tell secret1");
        Held held = new Held(matter);
        Question question = nextQuestion();
        answer(question, new Choice.Edit(Map.of(0, "other secret1")));
        assertThat(
                        question
                                + " "
                                + question.passages()
                                + question.marks()
                                + matter
                                + held.get()
                                + new Choice.Send("secret1")
                                + new Choice.Edit(Map.of(0, "secret1")))
                .doesNotContain("secret1");
    }
}
