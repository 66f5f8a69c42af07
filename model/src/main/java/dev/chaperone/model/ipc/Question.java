// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.ipc;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.chaperone.model.decision.Action;
import dev.chaperone.model.finding.Span;
import dev.chaperone.model.prompt.Origin;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a person is asked about one message. Its texts are shown as they are: inert, never as
 * markup.
 *
 * @param id UUID version 7; the last eight hex digits name it on a command line
 * @param uid the user that owns the connection; -1 when unknown
 * @param service the service's id
 * @param app the program that sends
 * @param rule the rule that asks
 * @param message one sentence why, without values
 * @param coaching id of the coaching text, or empty
 * @param card the coaching text in the reader's language, or null when there is none
 * @param passages the texts it is about, or parts of them; empty for a reader who may not see them
 * @param marks what a redacted version would lack, by number; the list may be cut, see {@code
 *     unlisted}
 * @param unlisted how many more findings are redacted without being listed; ≥ 0
 * @param redactable false when a redacted version cannot be sent
 * @param asked when it was asked
 * @param until when {@code onTimeout} holds (state held), or the question is forgotten (refused)
 * @param onTimeout the safe default: allow, redact or block
 * @param state whether a request waits for the answer
 */
public record Question(
        UUID id,
        long uid,
        String service,
        String app,
        String rule,
        String message,
        String coaching,
        @Nullable Card card,
        List<Passage> passages,
        List<Mark> marks,
        int unlisted,
        boolean redactable,
        Instant asked,
        Instant until,
        Action onTimeout,
        State state) {
    private static final int SHORT_ID = 8;

    public Question {
        passages = List.copyOf(passages);
        marks = List.copyOf(marks);
    }

    /** Whether anybody waits. */
    public enum State {
        /** A request is held for the answer. */
        HELD,
        /** The request was refused; the answer holds for the next try with the same content. */
        REFUSED
    }

    /**
     * A coaching text.
     *
     * @param title a few words
     * @param body why it matters
     * @param advice what to do instead
     */
    public record Card(String title, String body, String advice) {}

    /**
     * A text of the prompt, or a part of it around its marks.
     *
     * @param segment index of the segment
     * @param origin where the text comes from
     * @param offset where {@code text} starts in the segment, UTF-16
     * @param text what is shown
     * @param whole true if {@code text} is the whole segment, so that it may be edited
     */
    public record Passage(int segment, Origin origin, int offset, String text, boolean whole) {
        /** Hides the text. */
        @Override
        public String toString() {
            return "Passage[" + segment + ", " + text.length() + " chars]";
        }
    }

    /**
     * One finding.
     *
     * @param number from 1; what an answer names it by
     * @param type {@code GROUP} or {@code GROUP.detail}
     * @param segment index of the segment
     * @param span where in the segment
     * @param masked a sample that cannot be turned back
     * @param placeholder what is sent instead
     * @param required true if policy redacts it whatever is answered
     */
    public record Mark(
            int number,
            String type,
            int segment,
            Span span,
            String masked,
            String placeholder,
            boolean required) {
        /** Hides the sample. */
        @Override
        public String toString() {
            return "Mark[" + number + ", " + type + "]";
        }
    }

    /** The last eight hex digits of an id: the random part of a version 7 UUID. */
    public static String shortId(UUID id) {
        String text = id.toString();
        return text.substring(text.length() - SHORT_ID);
    }

    /** The short form of {@link #id}. */
    @JsonIgnore
    public String shortId() {
        return shortId(id);
    }

    /** The same question for a reader who may know of it but not read the prompt. */
    public Question withoutText() {
        return new Question(
                id,
                uid,
                service,
                app,
                rule,
                message,
                coaching,
                card,
                List.of(),
                marks.stream()
                        .map(m ->
                                new Mark(
                                        m.number(),
                                        m.type(),
                                        m.segment(),
                                        m.span(),
                                        "",
                                        m.placeholder(),
                                        m.required()))
                        .toList(),
                unlisted,
                redactable,
                asked,
                until,
                onTimeout,
                state);
    }

    /** The same question with its coaching text in the reader's language. */
    public Question withCard(@Nullable Card words) {
        return new Question(
                id,
                uid,
                service,
                app,
                rule,
                message,
                coaching,
                words,
                passages,
                marks,
                unlisted,
                redactable,
                asked,
                until,
                onTimeout,
                state);
    }

    /** Hides every text (DESIGN §2 rule 4). */
    @Override
    public String toString() {
        return "Question[" + shortId() + ", " + rule + ", " + state + "]";
    }
}
