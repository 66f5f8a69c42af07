// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.coach;

import dev.chaperone.model.finding.Finding;
import dev.chaperone.model.finding.Span;
import dev.chaperone.model.ipc.Choice;
import dev.chaperone.model.ipc.Ipc;
import dev.chaperone.model.ipc.Question;
import dev.chaperone.model.ipc.Question.Mark;
import dev.chaperone.model.ipc.Question.Passage;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Turns a choice into what holds for each segment. Pure. */
final class Rulings {
    private static final int MAX_REASON = 2000;
    private static final int MAX_EDIT =
            64 << 10; // characters a segment; kept as long as its ruling

    private Rulings() {}

    /** Whether the choice lets anything go that a redacted version would lack. */
    static boolean sends(Choice choice, Question question) {
        return switch (choice) {
            case Choice.Send _ -> true;
            case Choice.Redact redact -> !left(redact, question).isEmpty();
            case Choice.Edit _, Choice.Cancel _ -> false;
        };
    }

    /** Characters of the reason that was given; 0 without one. */
    static int reasonLength(Choice choice) {
        return switch (choice) {
            case Choice.Send(String reason) -> reason.length();
            case Choice.Redact(_, String reason) -> reason == null ? 0 : reason.length();
            case Choice.Edit _, Choice.Cancel _ -> 0;
        };
    }

    /**
     * The rulings by index of the segment.
     *
     * @throws AnswerException when the question does not offer that choice
     */
    static Map<Integer, Ruling> of(Choice choice, OpenQuestion open) throws AnswerException {
        Question question = open.question();
        check(choice, question, open.editable);
        ContentKey prompt = open.prompt;
        Map<Integer, Ruling> rulings = new HashMap<>();
        for (Subject subject : open.subjects) {
            int segment = subject.segment();
            rulings.put(
                    segment,
                    switch (choice) {
                        case Choice.Cancel _ ->
                                new Ruling(Ruling.Kind.CANCEL, Set.of(), null, prompt);
                        case Choice.Send _ ->
                                new Ruling(
                                        Ruling.Kind.SEND,
                                        spans(open.sendable, segment),
                                        null,
                                        prompt);
                        case Choice.Redact redact ->
                                new Ruling(
                                        Ruling.Kind.REDACT,
                                        marked(left(redact, question), segment),
                                        null,
                                        prompt);
                        case Choice.Edit(Map<Integer, String> texts) ->
                                texts.containsKey(segment)
                                        ? new Ruling(
                                                Ruling.Kind.EDIT,
                                                Set.of(),
                                                texts.get(segment),
                                                prompt)
                                        : new Ruling(Ruling.Kind.REDACT, Set.of(), null, prompt);
                    });
        }
        return rulings;
    }

    /** What holds after the rule's {@code on-timeout} let the message go. */
    static Map<Integer, Ruling> unanswered(OpenQuestion open) {
        ContentKey prompt = open.prompt;
        boolean redacted =
                switch (open.onTimeout) {
                    case ALLOW, WARN -> false;
                    case REDACT, COACH, BLOCK -> true;
                };
        Map<Integer, Ruling> rulings = new HashMap<>();
        for (Subject subject : open.subjects) {
            rulings.put(
                    subject.segment(),
                    redacted
                            ? new Ruling(Ruling.Kind.REDACT, Set.of(), null, prompt)
                            : new Ruling(
                                    Ruling.Kind.PASSED,
                                    spans(open.sendable, subject.segment()),
                                    null,
                                    prompt));
        }
        return rulings;
    }

    private static void check(Choice choice, Question question, boolean editable)
            throws AnswerException {
        switch (choice) {
            case Choice.Cancel _ -> {}
            case Choice.Send(String reason) -> checkReason(reason);
            case Choice.Redact redact -> {
                if (!question.redactable()) {
                    throw invalid("a redacted version cannot be sent; cancel it, or send it");
                }
                checkNumbers(redact, question);
                if (sends(redact, question)) {
                    checkReason(redact.reason() == null ? "" : redact.reason());
                }
            }
            case Choice.Edit(Map<Integer, String> texts) -> {
                if (!editable) {
                    throw invalid("this message is signed and cannot be edited");
                }
                checkTexts(texts, question);
            }
        }
    }

    private static void checkNumbers(Choice.Redact redact, Question question)
            throws AnswerException {
        List<Integer> numbers = redact.marks();
        if (numbers != null
                && !numbers.stream().allMatch(n -> n >= 1 && n <= question.marks().size())) {
            throw invalid("marks are numbered 1 to " + question.marks().size());
        }
    }

    private static void checkReason(String reason) throws AnswerException {
        if (reason.isBlank() || reason.length() > MAX_REASON) {
            throw invalid("give a reason of 1 to " + MAX_REASON + " characters");
        }
    }

    private static void checkTexts(Map<Integer, String> texts, Question question)
            throws AnswerException {
        Set<Integer> editable = new HashSet<>();
        question.passages().stream()
                .filter(Passage::whole)
                .map(Passage::segment)
                .forEach(editable::add);
        if (texts.isEmpty() || !editable.containsAll(texts.keySet())) {
            throw invalid("only passages that are shown whole can be edited");
        }
        if (texts.values().stream().anyMatch(t -> t.length() > MAX_EDIT)) {
            throw invalid("an edited text has at most " + MAX_EDIT + " characters");
        }
    }

    private static AnswerException invalid(String why) {
        return new AnswerException(Ipc.INVALID_PARAMS, why);
    }

    private static List<Mark> left(Choice.Redact redact, Question question) {
        List<Integer> numbers = redact.marks();
        return numbers == null
                ? List.of()
                : question.marks().stream()
                        .filter(m -> !m.required() && !numbers.contains(m.number()))
                        .toList();
    }

    private static Set<Span> marked(List<Mark> marks, int segment) {
        Set<Span> spans = new HashSet<>();
        marks.stream().filter(m -> m.segment() == segment).map(Mark::span).forEach(spans::add);
        return spans;
    }

    private static Set<Span> spans(List<Finding> findings, int segment) {
        Set<Span> spans = new HashSet<>();
        findings.stream()
                .filter(f -> f.segment() == segment)
                .map(Finding::span)
                .forEach(spans::add);
        return spans;
    }
}
