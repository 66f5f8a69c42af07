// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.ipc;

import dev.chaperone.model.ipc.Question;
import dev.chaperone.policies.CoachingTexts;

/** Puts the coaching text of a question into the reader's language. */
final class Cards {
    private static final CoachingTexts ENGLISH = CoachingTexts.shipped("en");
    private static final CoachingTexts GERMAN = CoachingTexts.shipped("de");

    private Cards() {}

    static Question in(String language, Question question) {
        CoachingTexts texts = language.startsWith("de") ? GERMAN : ENGLISH;
        return texts.text(question.coaching())
                .map(t -> question.withCard(new Question.Card(t.title(), t.body(), t.advice())))
                .orElse(question);
    }
}
