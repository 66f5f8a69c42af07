// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.history;

import dev.chaperone.model.ipc.Activity;
import dev.chaperone.ui.common.Inert;
import dev.chaperone.ui.common.Parts;
import dev.chaperone.ui.common.Words;
import java.util.Locale;
import java.util.TreeMap;
import javafx.scene.control.Label;
import javafx.scene.layout.FlowPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;

/** How one decision is drawn and said. */
final class HistoryRow {
    private static final int MAX_NAME = 60;
    private static final int MAX_SENTENCE = 400;
    private static final int MAX_CHIPS = 12;

    private final Words words;

    HistoryRow(Words words) {
        this.words = words;
    }

    Region draw(Activity activity) {
        String action = activity.action().id();
        Label outcome = Parts.text(outcome(activity), "strong");
        outcome.setMinWidth(0);
        HBox.setHgrow(outcome, Priority.ALWAYS);
        outcome.setMaxWidth(Double.MAX_VALUE);
        HBox head =
                new HBox(
                        10,
                        Parts.words(words.get("action." + action), "badge", "badge-" + action),
                        outcome,
                        Parts.words(words.moment(activity.at()), "muted"));
        VBox row = new VBox(5, head, Parts.text(route(activity), "muted"));
        if (!activity.explanation().isBlank()) {
            row.getChildren().add(Parts.text(Inert.line(activity.explanation(), MAX_SENTENCE)));
        }
        FlowPane chips = chips(activity);
        if (!chips.getChildren().isEmpty()) {
            row.getChildren().add(chips);
        }
        row.getStyleClass().addAll("row", "row-" + action);
        return row;
    }

    private FlowPane chips(Activity activity) {
        FlowPane chips = new FlowPane(6, 6);
        new TreeMap<>(activity.findings())
                .forEach((type, count) ->
                        chip(chips, words.get("history.found", words.type(type), count)));
        new TreeMap<>(activity.notInspected())
                .forEach((reason, count) ->
                        chip(chips, words.get("history.not-read", words.reason(reason), count)));
        if (activity.repeats() > 0) {
            chip(chips, words.get("history.repeats", activity.repeats()));
        }
        if (!activity.rule().isEmpty()) {
            chip(chips, words.get("history.rule", Inert.line(activity.rule(), MAX_NAME)));
        }
        return chips;
    }

    private static void chip(FlowPane chips, String text) {
        if (chips.getChildren().size() < MAX_CHIPS) {
            chips.getChildren().add(Parts.words(text, "chip"));
        }
    }

    /** What a screen reader says. */
    String spoken(Activity activity) {
        return words.get(
                "history.spoken",
                words.moment(activity.at()),
                outcome(activity),
                searched(activity));
    }

    /** What a search looks at. */
    String searched(Activity activity) {
        StringBuilder all = new StringBuilder(route(activity));
        all.append(' ').append(outcome(activity)).append(' ').append(activity.rule()).append(' ');
        all.append(Inert.line(activity.explanation(), MAX_SENTENCE));
        activity.findings()
                .keySet()
                .forEach(t -> all.append(' ').append(words.type(t)).append(' ').append(t));
        return all.toString();
    }

    private String outcome(Activity activity) {
        return words.get("outcome." + activity.outcome().name().toLowerCase(Locale.ROOT));
    }

    private String route(Activity activity) {
        String app = Inert.line(activity.app(), MAX_NAME);
        String service = Inert.line(activity.service(), MAX_NAME);
        return words.find("intent." + activity.intent())
                .map(intent -> words.get("history.about", app, service, intent))
                .orElseGet(() -> words.get("history.route", app, service));
    }
}
