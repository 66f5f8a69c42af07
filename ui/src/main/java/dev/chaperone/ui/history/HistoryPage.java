// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.history;

import dev.chaperone.model.decision.Action;
import dev.chaperone.model.ipc.Activity;
import dev.chaperone.ui.common.Page;
import dev.chaperone.ui.common.Parts;
import dev.chaperone.ui.common.RowCell;
import dev.chaperone.ui.common.Words;
import dev.chaperone.ui.link.Agent;
import dev.chaperone.ui.link.AgentException;
import java.util.List;
import java.util.Locale;
import javafx.application.Platform;
import javafx.collections.FXCollections;
import javafx.collections.ObservableList;
import javafx.collections.transformation.FilteredList;
import javafx.geometry.Pos;
import javafx.scene.control.Label;
import javafx.scene.control.ListView;
import javafx.scene.control.TextField;
import javafx.scene.control.ToggleButton;
import javafx.scene.control.ToggleGroup;
import javafx.scene.layout.FlowPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;
import org.jspecify.annotations.Nullable;

/** What was decided, when, for which program and service, and why; to be searched. */
public final class HistoryPage implements Page {
    private final Agent agent;
    private final Words words;
    private final ObservableList<Activity> all = FXCollections.observableArrayList();
    private final FilteredList<Activity> shown = new FilteredList<>(all);
    private final TextField filter = new TextField();
    private final Label empty = Parts.text("", "muted");
    private final HistoryRow rows;
    private final VBox node;
    private @Nullable Action only;

    public HistoryPage(Agent agent, Words words) {
        this.agent = agent;
        this.words = words;
        this.rows = new HistoryRow(words);
        ListView<Activity> list =
                RowCell.list("activities", words.get("history.title"), rows::draw, rows::spoken);
        list.setItems(shown);
        list.setPlaceholder(empty);
        VBox.setVgrow(list, Priority.ALWAYS);
        empty.setId("history-empty");
        empty.setText(words.get("history.empty"));
        Label title = Parts.text(words.get("history.title"), "title-2");
        HBox.setHgrow(title, Priority.ALWAYS);
        title.setMaxWidth(Double.MAX_VALUE);
        HBox head =
                new HBox(
                        12,
                        title,
                        Parts.button("history-refresh", words.get("page.refresh"), this::refresh));
        head.setAlignment(Pos.CENTER_LEFT);
        node = new VBox(14, head, Parts.text(words.get("history.lead"), "muted"), filters(), list);
        node.getStyleClass().add("page");
        node.setId("history");
    }

    private FlowPane filters() {
        filter.setId("history-filter");
        filter.setPromptText(words.get("history.filter"));
        filter.setAccessibleText(words.get("history.filter"));
        filter.setPrefColumnCount(14);
        filter.textProperty().addListener(_ -> narrow());
        HBox actions = new HBox(filterButton(null, "left-pill"));
        ToggleGroup group = new ToggleGroup();
        for (Action action : Action.values()) {
            actions.getChildren()
                    .add(
                            filterButton(
                                    action, action == Action.BLOCK ? "right-pill" : "center-pill"));
        }
        actions.getChildren().forEach(b -> ((ToggleButton) b).setToggleGroup(group));
        group.selectToggle((ToggleButton) actions.getChildren().getFirst());
        group.selectedToggleProperty()
                .addListener((_, before, now) -> {
                    if (now == null) {
                        before.setSelected(true); // one of them always holds
                    }
                });
        actions.setAccessibleText(words.get("history.actions"));
        FlowPane filters = new FlowPane(10, 8, filter, actions);
        filters.setAlignment(Pos.CENTER_LEFT);
        return filters;
    }

    private ToggleButton filterButton(@Nullable Action action, String style) {
        String name = words.get(action == null ? "history.all" : "action." + action.id());
        ToggleButton button = new ToggleButton(name);
        button.setId("only-" + (action == null ? "all" : action.id()));
        button.setMinWidth(Region.USE_PREF_SIZE);
        button.setAccessibleText(words.get("history.actions") + ": " + name);
        button.getStyleClass().add(style);
        button.selectedProperty()
                .addListener((_, _, on) -> {
                    if (on) {
                        only = action;
                        narrow();
                    }
                });
        return button;
    }

    private void narrow() {
        String text = filter.getText().strip().toLowerCase(Locale.ROOT);
        shown.setPredicate(a ->
                (only == null || a.action() == only)
                        && (text.isEmpty()
                                || rows.searched(a).toLowerCase(Locale.ROOT).contains(text)));
        empty.setText(words.get(all.isEmpty() ? "history.empty" : "history.none"));
    }

    @Override
    public Region node() {
        return node;
    }

    @Override
    public void refresh() {
        agent.activity()
                .whenComplete((list, failure) -> Platform.runLater(() -> show(list, failure)));
    }

    private void show(@Nullable List<Activity> list, @Nullable Throwable failure) {
        if (list != null) {
            all.setAll(list);
            narrow();
        } else if (failure != null) {
            // What is on the screen stays: it was true, and is dated.
            empty.setText(
                    words.get(
                            AgentException.codeOf(failure) == AgentException.NO_AGENT
                                    ? "page.no-agent"
                                    : "page.failed"));
        }
    }
}
