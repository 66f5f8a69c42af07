// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.card;

import dev.chaperone.model.ipc.Question;
import dev.chaperone.ui.common.Parts;
import dev.chaperone.ui.common.Words;
import java.time.Duration;
import java.time.Instant;
import javafx.scene.control.Label;
import javafx.scene.control.ProgressBar;
import javafx.scene.layout.VBox;

/** How long there is to answer, and what happens then. */
final class Countdown extends VBox {
    private final Question question;
    private final Words words;
    private final ProgressBar bar = new ProgressBar(1);
    private final Label says = Parts.text("", "muted");

    Countdown(Question question, Words words) {
        super(6);
        this.question = question;
        this.words = words;
        says.setId("countdown");
        bar.setMaxWidth(Double.MAX_VALUE);
        bar.getStyleClass().add("small");
        bar.setFocusTraversable(false);
        Parts.show(bar, question.state() == Question.State.HELD);
        getChildren().setAll(bar, says);
    }

    void tick(Instant now) {
        Duration left = Duration.between(now, question.until());
        Duration all = Duration.between(question.asked(), question.until());
        long seconds = Math.max(0, (left.toMillis() + 999) / 1000);
        bar.setProgress(
                all.isPositive() ? Math.clamp((double) left.toMillis() / all.toMillis(), 0, 1) : 0);
        bar.setAccessibleText(says.getText());
        says.setText(
                question.state() == Question.State.HELD
                        ? words.get(
                                "card.timeout." + question.onTimeout().id(),
                                "%d:%02d".formatted(seconds / 60, seconds % 60))
                        : words.get("card.refused", words.clock(question.until())));
    }
}
