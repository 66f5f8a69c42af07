// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.card;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.decision.Action;
import dev.chaperone.model.finding.Span;
import dev.chaperone.model.ipc.Choice;
import dev.chaperone.model.ipc.Question;
import dev.chaperone.model.ipc.Question.Mark;
import dev.chaperone.model.ipc.Question.Passage;
import dev.chaperone.model.prompt.Origin;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CardModelTest {
    private static Mark mark(int number, int segment, int start, int end) {
        return new Mark(
                number, "T", segment, new Span(start, end), "", "[T-" + number + "]", false);
    }

    private static CardModel model(List<Passage> passages, Mark... marks) {
        return new CardModel(
                new Question(
                        UUID.randomUUID(),
                        1,
                        "s",
                        "a",
                        "r",
                        "m",
                        "",
                        null,
                        passages,
                        List.of(marks),
                        0,
                        true,
                        Instant.EPOCH,
                        Instant.EPOCH,
                        Action.REDACT,
                        Question.State.HELD));
    }

    private static String text(List<Piece> pieces) {
        return pieces.stream().map(Piece::text).collect(Collectors.joining());
    }

    @Test
    void passageThatIsAPartOfItsSegmentKeepsTheOffsets() {
        Passage passage = new Passage(2, Origin.USER, 100, "ab CARD cd", false);
        CardModel model =
                model(
                        List.of(passage),
                        mark(1, 2, 103, 107),
                        mark(2, 1, 103, 107),
                        mark(3, 2, 5, 9));
        assertThat(text(model.preview(passage))).isEqualTo("ab [T-1] cd");
        assertThat(text(model.found(passage))).isEqualTo("ab CARD cd");
    }

    @Test
    void markThatIsKeptStaysInThePreviewAndNeedsAReason() {
        Passage passage = new Passage(0, Origin.USER, 0, "a CARD b MAIL", true);
        CardModel model = model(List.of(passage), mark(1, 0, 2, 6), mark(2, 0, 9, 13));
        assertThat(model.redact("")).isEqualTo(Choice.Redact.all());
        model.keep(model.question().marks().getFirst(), true);
        assertThat(text(model.preview(passage))).isEqualTo("a CARD b [T-2]");
        assertThat(model.redact(" why not ")).isEqualTo(new Choice.Redact(List.of(2), "why not"));
        assertThat(model.redacted()).isEqualTo(1);
    }

    @Test
    void reasonHasFiveCharactersThatAreNotBlank() {
        assertThat(CardModel.isReason("  a b c d ")).isFalse();
        assertThat(CardModel.isReason("a b c d e")).isTrue();
    }

    /** Any marks, overlapping or outside, lose and double nothing of the text. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void piecesAreTheText(long seed) {
        Random random = new Random(seed);
        for (int run = 0; run < 200; run++) {
            String text =
                    "x".repeat(random.nextInt(400)) + "\uD83D\uDE00".repeat(random.nextInt(200));
            int offset = random.nextInt(20);
            Passage passage = new Passage(0, Origin.USER, offset, text, false);
            Mark[] marks = new Mark[random.nextInt(8)];
            for (int i = 0; i < marks.length; i++) {
                int start = random.nextInt(500);
                marks[i] = mark(i + 1, 0, start, start + 1 + random.nextInt(300));
            }
            CardModel model = model(List.of(passage), marks);
            List<Piece> pieces = model.found(passage);
            assertThat(text(pieces)).isEqualTo(text);
            for (List<Piece> shown : List.of(Excerpt.around(pieces), Excerpt.all(pieces))) {
                int counted =
                        shown.stream()
                                .mapToInt(p ->
                                        p.kind() == Piece.Kind.CUT ? p.number() : p.text().length())
                                .sum();
                assertThat(counted).isEqualTo(text.length());
            }
        }
    }

    @Test
    void excerptOfALongTextIsShortAndCutsNoEmoji() {
        String text = "\uD83D\uDE00".repeat(50_000) + "CARD" + "\uD83D\uDE00".repeat(50_000);
        Passage passage = new Passage(0, Origin.USER, 0, text, false);
        CardModel model = model(List.of(passage), mark(1, 0, 100_000, 100_004));
        List<Piece> around = Excerpt.around(model.found(passage));
        assertThat(text(around)).hasSizeBetween(200, 400).contains("CARD");
        assertThat(
                        text(around)
                                .codePoints()
                                .filter(c -> Character.getType(c) == Character.SURROGATE))
                .isEmpty();
        assertThat(Excerpt.isCut(around)).isTrue();
        assertThat(text(Excerpt.all(model.found(passage)))).hasSizeLessThanOrEqualTo(20_001);
    }

    @Test
    void piecesDoNotPrintTheirText() {
        assertThat(new Piece(Piece.Kind.PLAIN, "secret", 0).toString()).doesNotContain("secret");
    }
}
