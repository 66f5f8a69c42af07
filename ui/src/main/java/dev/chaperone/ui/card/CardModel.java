// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.card;

import dev.chaperone.model.ipc.Choice;
import dev.chaperone.model.ipc.Question;
import dev.chaperone.model.ipc.Question.Mark;
import dev.chaperone.model.ipc.Question.Passage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** One question and what the person has chosen so far. On the JavaFX thread only. */
final class CardModel {
    /** Fewest non-blank characters of a reason. */
    static final int MIN_REASON = 5;

    private final Question question;
    private final Set<Integer> kept = new HashSet<>();

    CardModel(Question question) {
        this.question = question;
    }

    Question question() {
        return question;
    }

    /** Leaves a mark in the message, or takes it out again. A required mark is always taken out. */
    void keep(Mark mark, boolean keep) {
        if (keep && !mark.required()) {
            kept.add(mark.number());
        } else {
            kept.remove(mark.number());
        }
    }

    /** Whether something that was found would be sent. */
    boolean isPartial() {
        return !kept.isEmpty();
    }

    /** Whether a redacted version differs from the message, and can be sent. */
    boolean isRedactable() {
        return question.redactable() && (!question.marks().isEmpty() || question.unlisted() > 0);
    }

    /** How many findings would be taken out. */
    int redacted() {
        return question.marks().size() + question.unlisted() - kept.size();
    }

    /** Whether a reason is long enough. */
    static boolean isReason(String reason) {
        return reason.codePoints().filter(c -> !Character.isWhitespace(c)).limit(MIN_REASON).count()
                == MIN_REASON;
    }

    /**
     * The answer that sends it redacted as chosen.
     *
     * @param reason used when something is left in
     */
    Choice redact(String reason) {
        if (!isPartial()) {
            return Choice.Redact.all();
        }
        return new Choice.Redact(
                question.marks().stream().map(Mark::number).filter(n -> !kept.contains(n)).toList(),
                reason.strip());
    }

    /** The text with what was found in it. */
    List<Piece> found(Passage passage) {
        return pieces(passage, false);
    }

    /** The text as it would be sent. */
    List<Piece> preview(Passage passage) {
        return pieces(passage, true);
    }

    private List<Piece> pieces(Passage passage, boolean preview) {
        List<Piece> pieces = new ArrayList<>();
        String text = passage.text();
        int at = 0;
        for (Mark mark : marksOf(passage)) {
            int start = Math.max(at, mark.span().start() - passage.offset());
            int end = Math.min(text.length(), mark.span().end() - passage.offset());
            if (start < end) {
                if (at < start) {
                    pieces.add(new Piece(Piece.Kind.PLAIN, text.substring(at, start), 0));
                }
                pieces.add(piece(mark, text.substring(start, end), preview));
                at = end;
            }
        }
        if (at < text.length()) {
            pieces.add(new Piece(Piece.Kind.PLAIN, text.substring(at), 0));
        }
        return pieces;
    }

    private Piece piece(Mark mark, String raw, boolean preview) {
        if (kept.contains(mark.number())) {
            return new Piece(Piece.Kind.KEPT, raw, mark.number());
        }
        return preview
                ? new Piece(Piece.Kind.PLACEHOLDER, mark.placeholder(), mark.number())
                : new Piece(Piece.Kind.FOUND, raw, mark.number());
    }

    private List<Mark> marksOf(Passage passage) {
        return question.marks().stream()
                .filter(m -> m.segment() == passage.segment())
                .sorted(
                        Comparator.comparingInt((Mark m) -> m.span().start())
                                .thenComparing(m -> m.span().end(), Comparator.reverseOrder()))
                .toList();
    }
}
