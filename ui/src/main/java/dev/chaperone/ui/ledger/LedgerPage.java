// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.ledger;

import dev.chaperone.model.ipc.Ledger;
import dev.chaperone.ui.common.Page;
import dev.chaperone.ui.common.Parts;
import dev.chaperone.ui.common.Words;
import dev.chaperone.ui.link.Agent;
import dev.chaperone.ui.link.AgentException;
import javafx.application.Platform;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.layout.FlowPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;
import org.jspecify.annotations.Nullable;

/**
 * What is collected about the person: since when rules take effect, the kept redacted values, every
 * exception, every field with its purpose, reader and end.
 */
public final class LedgerPage implements Page {
    private boolean confirming;
    private final Agent agent;
    private final Words words;
    private final LedgerTable table;
    private final VBox content = new VBox(18);
    private final Label problem = Parts.text("", "muted");
    private final Label kept = Parts.text("");
    private final FlowPane keptButtons = new FlowPane(8, 8);
    private final Button forget;
    private final Button yes;
    private final Button no;
    private final VBox node;

    public LedgerPage(Agent agent, Words words) {
        this.agent = agent;
        this.words = words;
        this.table = new LedgerTable(words);
        forget = Parts.button("forget", words.get("collected.forget"), () -> confirm(true));
        yes = Parts.button("forget-yes", words.get("collected.forget-yes"), this::forget, "danger");
        no = Parts.button("forget-no", words.get("collected.forget-no"), () -> confirm(false));
        kept.setId("kept");
        problem.setId("ledger-problem");
        Parts.show(problem, false);
        content.getStyleClass().add("page-content");
        ScrollPane scroll = new ScrollPane(content);
        scroll.setFitToWidth(true);
        scroll.getStyleClass().add("edge-to-edge");
        VBox.setVgrow(scroll, Priority.ALWAYS);
        Label title = Parts.text(words.get("collected.title"), "title-2");
        HBox.setHgrow(title, Priority.ALWAYS);
        title.setMaxWidth(Double.MAX_VALUE);
        HBox head =
                new HBox(
                        12,
                        title,
                        Parts.button("ledger-refresh", words.get("page.refresh"), this::refresh));
        head.setAlignment(Pos.CENTER_LEFT);
        node =
                new VBox(
                        14,
                        head,
                        Parts.text(words.get("collected.lead"), "muted"),
                        problem,
                        scroll);
        node.getStyleClass().add("page");
        node.setId("collected");
    }

    @Override
    public Region node() {
        return node;
    }

    @Override
    public void refresh() {
        agent.ledger()
                .whenComplete((ledger, failure) -> Platform.runLater(() -> show(ledger, failure)));
    }

    private void show(@Nullable Ledger ledger, @Nullable Throwable failure) {
        if (confirming) {
            return; // the person is being asked: the page holds still
        }
        if (ledger != null) {
            Parts.show(problem, false);
            fill(ledger);
        } else if (failure != null) {
            problem(failure);
        }
    }

    private void problem(Throwable failure) {
        boolean away = AgentException.codeOf(failure) == AgentException.NO_AGENT;
        problem.setText(words.get(away ? "page.no-agent" : "page.failed"));
        Parts.show(problem, true);
    }

    private void fill(Ledger ledger) {
        kept(ledger.redactedValues());
        Label enforcement = table.says(ledger.enforcement());
        enforcement.setId("enforcement");
        HBox since = new HBox(10, Parts.icon("shield"), enforcement);
        since.getStyleClass().add("advice");
        HBox.setHgrow(enforcement, Priority.ALWAYS);
        VBox values = new VBox(10, kept, keptButtons);
        values.getStyleClass().add("panel");
        content.getChildren()
                .setAll(
                        since,
                        values,
                        section(
                                words.get("collected.exceptions"),
                                table.exceptions(ledger.optOuts())),
                        section(words.get("collected.fields"), table.fields(ledger.fields())));
    }

    private static VBox section(String title, Node body) {
        return new VBox(8, Parts.text(title, "section"), body);
    }

    private void kept(long count) {
        kept.setText(words.get("collected.kept", count));
        forget.setDisable(count == 0);
        keptButtons.getChildren().setAll(forget);
    }

    private void confirm(boolean asked) {
        confirming = asked;
        if (asked) {
            kept.setText(words.get("collected.forget-sure"));
            keptButtons.getChildren().setAll(no, yes);
            no.requestFocus();
        } else {
            refresh();
        }
    }

    private void forget() {
        agent.forget()
                .whenComplete(
                        (count, failure) -> Platform.runLater(() -> forgotten(count, failure)));
    }

    private void forgotten(@Nullable Long count, @Nullable Throwable failure) {
        confirming = false;
        if (count != null) {
            kept(0);
            kept.setText(words.get("collected.forgotten", count));
        } else if (failure != null) {
            problem(failure);
            refresh();
        }
    }
}
