// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.card;

import dev.chaperone.model.ipc.Question.Mark;
import dev.chaperone.ui.common.Inert;
import dev.chaperone.ui.common.Parts;
import dev.chaperone.ui.common.Words;
import javafx.geometry.Pos;
import javafx.scene.control.CheckBox;
import javafx.scene.control.Label;
import javafx.scene.layout.FlowPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;

/** What was found, a line each with its toggle: on is taken out. */
final class FindingsPane extends VBox {
    private static final int MAX_LINES = 60; // the others are taken out, and counted
    private static final int MAX_SAMPLE = 60;

    private final CardModel model;
    private final Words words;
    private final Runnable changed;

    /**
     * @param changed told when another version would be sent
     */
    FindingsPane(CardModel model, Words words, Runnable changed) {
        this.model = model;
        this.words = words;
        this.changed = changed;
        setId("findings");
        getStyleClass().add("findings");
        var marks = model.question().marks();
        marks.stream().limit(MAX_LINES).map(this::line).forEach(getChildren()::add);
        int more = model.question().unlisted() + Math.max(0, marks.size() - MAX_LINES);
        if (more > 0) {
            Label rest = Parts.text(words.get("card.unlisted", more), "muted");
            rest.setId("unlisted");
            getChildren().add(rest);
        }
    }

    private HBox line(Mark mark) {
        String type = words.type(mark.type());
        String sample = Inert.line(mark.masked(), MAX_SAMPLE);
        FlowPane says = new FlowPane(8, 2, Parts.words(type, "strong"));
        says.setAlignment(Pos.CENTER_LEFT);
        HBox.setHgrow(says, Priority.ALWAYS);
        if (!sample.isEmpty()) {
            says.getChildren().add(Parts.words(sample, "sample"));
        }
        HBox line = new HBox(10);
        line.getStyleClass().add("finding");
        if (model.question().redactable()) {
            CheckBox toggle = toggle(mark, type, sample);
            line.getChildren().add(toggle);
            says.getChildren()
                    .add(Parts.words("→ " + Inert.line(mark.placeholder(), MAX_SAMPLE), "muted"));
            if (mark.required()) {
                says.getChildren().add(Parts.words(words.get("card.required"), "badge"));
            }
        } else {
            line.getChildren().add(Parts.icon("warn", "icon-warn"));
        }
        line.getChildren().add(says);
        line.setAlignment(Pos.CENTER_LEFT);
        return line;
    }

    private CheckBox toggle(Mark mark, String type, String sample) {
        CheckBox toggle = new CheckBox();
        toggle.setId("mark-" + mark.number());
        toggle.setSelected(true);
        toggle.setDisable(mark.required());
        toggle.setAccessibleText(
                words.get("card.take-out", type + " " + sample)
                        + (mark.required() ? ", " + words.get("card.required") : ""));
        toggle.selectedProperty()
                .addListener((_, _, out) -> {
                    model.keep(mark, !out);
                    changed.run();
                });
        return toggle;
    }
}
