// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.status;

import dev.chaperone.model.ipc.AgentStatus;
import dev.chaperone.ui.common.Inert;
import dev.chaperone.ui.common.Page;
import dev.chaperone.ui.common.Parts;
import dev.chaperone.ui.common.Words;
import dev.chaperone.ui.link.Agent;
import java.util.Locale;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.layout.FlowPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;

/**
 * One sentence whether the person is protected, where they may pause that, then each condition with
 * what to do about it.
 */
public final class StatusPage implements Page {
    private static final int MAX_SENTENCE = 400;
    private static final int MAX_CHECKS = 100;

    private final Words words;
    private final Label headline = Parts.text("", "title-3");
    private final Label says = Parts.text("");
    private final HBox banner = new HBox(16);
    private final VBox checks = new VBox();
    private final Label section;
    private final Label version = Parts.words("", "chip");
    private final Label connection = Parts.words("", "chip");
    private final Label open = Parts.words("", "chip");
    private final Button showCard;
    private final PausePane pause;
    private final VBox node;

    /**
     * @param showCard brings the open question forward
     */
    public StatusPage(Agent agent, Words words, Runnable showCard) {
        this.words = words;
        this.pause = new PausePane(agent, words);
        this.showCard =
                Parts.button("show-card", words.get("status.show-card"), showCard, "accent");
        section = Parts.text(words.get("status.checks"), "section");
        headline.setId("headline");
        says.setId("headline-says");
        version.setId("agent-version");
        connection.setId("connection");
        open.setId("open-questions");
        checks.setId("checks");
        checks.getStyleClass().add("table");
        VBox texts = new VBox(4, headline, says);
        HBox.setHgrow(texts, Priority.ALWAYS);
        banner.getStyleClass().add("banner");
        banner.getChildren().setAll(Parts.icon("shield", "icon-large"), texts);
        FlowPane facts = new FlowPane(8, 8, connection, version, open, this.showCard);
        VBox content = new VBox(16, banner, pause, facts, section, checks);
        content.getStyleClass().add("page-content");
        ScrollPane scroll = new ScrollPane(content);
        scroll.setFitToWidth(true);
        scroll.getStyleClass().add("edge-to-edge");
        VBox.setVgrow(scroll, Priority.ALWAYS);
        node = new VBox(14, Parts.text(words.get("status.title"), "title-2"), scroll);
        node.getStyleClass().add("page");
        node.setId("status");
        set(Health.away());
    }

    @Override
    public Region node() {
        return node;
    }

    @Override
    public void refresh() {
        // The agent tells of every change by itself.
    }

    /** Shows how it is now. */
    public void set(Health health) {
        String key = health.state().key();
        headline.setText(words.get("status." + key));
        AgentStatus status = health.status();
        says.setText(
                words.get(
                        "status." + key + "-says",
                        status.pause() == null || status.pause().until() == null
                                ? ""
                                : words.clock(status.pause().until())));
        pause.set(status.pause(), health.state());
        banner.getStyleClass().removeIf(s -> s.startsWith("banner-"));
        banner.getStyleClass().add("banner-" + key);
        boolean here = health.state() != Health.State.AWAY;
        connection.setText(words.get(here ? "status.connected" : "status.not-connected"));
        version.setText(words.get("status.agent", Inert.line(status.version(), 40)));
        Parts.show(version, here && !status.version().isEmpty());
        open.setText(words.get("status.open", status.open()));
        Parts.show(open, here);
        Parts.show(showCard, here && status.open() > 0);
        checks.getChildren()
                .setAll(status.checks().stream().limit(MAX_CHECKS).map(this::line).toList());
        Parts.show(section, here && !status.checks().isEmpty());
        Parts.show(checks, here && !status.checks().isEmpty());
    }

    /** Asks for how long and why inspection is to be paused. */
    public void askPause() {
        pause.ask();
    }

    /** Says why the agent did not pause, or go on. */
    public void pauseFailed(Throwable failure) {
        pause.failed(failure);
    }

    private HBox line(AgentStatus.Check check) {
        String state = check.state().name().toLowerCase(Locale.ROOT);
        Label text = Parts.text(Inert.line(check.says(), MAX_SENTENCE));
        VBox texts = new VBox(4, text);
        if (!check.remedy().isBlank()) {
            texts.getChildren()
                    .add(
                            Parts.text(
                                    words.get(
                                            "status.remedy",
                                            Inert.line(check.remedy(), MAX_SENTENCE)),
                                    "strong"));
        }
        texts.getChildren().add(Parts.text(Inert.line(check.name(), 60), "muted", "small-text"));
        HBox.setHgrow(texts, Priority.ALWAYS);
        HBox line =
                new HBox(
                        12,
                        Parts.icon(state, "icon-" + state),
                        texts,
                        Parts.words(words.get("status." + state), "badge", "badge-" + state));
        line.getStyleClass().add("table-row");
        return line;
    }
}
