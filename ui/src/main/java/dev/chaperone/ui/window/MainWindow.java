// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.window;

import dev.chaperone.ui.common.Look;
import dev.chaperone.ui.common.Page;
import dev.chaperone.ui.common.Parts;
import dev.chaperone.ui.common.Words;
import dev.chaperone.ui.history.HistoryPage;
import dev.chaperone.ui.ledger.LedgerPage;
import dev.chaperone.ui.link.Agent;
import dev.chaperone.ui.status.Health;
import dev.chaperone.ui.status.StatusPage;
import java.util.EnumMap;
import java.util.Map;
import javafx.geometry.Pos;
import javafx.scene.control.Label;
import javafx.scene.control.ToggleButton;
import javafx.scene.control.ToggleGroup;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.VBox;
import javafx.stage.Stage;

/** The main window: a list of pages on the left, one of them on the right. On the JavaFX thread. */
public final class MainWindow {
    /** Smallest size at which nothing is cut, px. */
    public static final double MIN_WIDTH = 860;

    public static final double MIN_HEIGHT = 560;
    private static final double WIDTH = 980;
    private static final double HEIGHT = 680;

    /** The pages. */
    public enum Tab {
        HISTORY,
        COLLECTED,
        STATUS;

        String id() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    private final Stage stage = new Stage();
    private final Map<Tab, Page> pages = new EnumMap<>(Tab.class);
    private final Map<Tab, ToggleButton> buttons = new EnumMap<>(Tab.class);
    private final BorderPane root = new BorderPane();
    private final StatusPage status;
    private Tab tab = Tab.STATUS;

    /**
     * @param showCard brings an open question forward
     * @param closed told when the person closes the window
     */
    public MainWindow(Agent agent, Words words, Runnable showCard, Runnable closed) {
        status = new StatusPage(agent, words, showCard);
        pages.put(Tab.HISTORY, new HistoryPage(agent, words));
        pages.put(Tab.COLLECTED, new LedgerPage(agent, words));
        pages.put(Tab.STATUS, status);
        root.setLeft(navigation(words));
        stage.setTitle(words.get("app.name"));
        stage.setScene(Look.scene(root, WIDTH, HEIGHT));
        stage.setMinWidth(MIN_WIDTH);
        stage.setMinHeight(MIN_HEIGHT);
        stage.setOnHidden(_ -> closed.run());
    }

    private VBox navigation(Words words) {
        Label name = Parts.words(words.get("app.name"), "title-4");
        HBox brand = new HBox(10, Parts.icon("shield", "icon-brand"), name);
        brand.setAlignment(Pos.CENTER_LEFT);
        brand.getStyleClass().add("brand");
        VBox navigation = new VBox(4, brand);
        navigation.getStyleClass().add("navigation");
        navigation.setAccessibleText(words.get("nav.name"));
        ToggleGroup group = new ToggleGroup();
        for (Tab each : Tab.values()) {
            ToggleButton button =
                    new ToggleButton(words.get("nav." + each.id()), Parts.icon(each.id()));
            button.setId("nav-" + each.id());
            button.setMaxWidth(Double.MAX_VALUE);
            button.setAlignment(Pos.CENTER_LEFT);
            button.setAccessibleText(button.getText());
            button.getStyleClass().add("nav-button");
            button.setToggleGroup(group);
            button.setOnAction(_ -> show(each));
            buttons.put(each, button);
            navigation.getChildren().add(button);
        }
        return navigation;
    }

    /** Shows a page, asking the agent for what is on it, and brings the window forward. */
    public void open(Tab page) {
        show(page);
        if (!stage.isShowing()) {
            stage.show();
        }
        stage.setIconified(false);
        stage.toFront();
        stage.requestFocus();
    }

    private void show(Tab page) {
        tab = page;
        java.util.Objects.requireNonNull(buttons.get(page)).setSelected(true);
        Page shown = java.util.Objects.requireNonNull(pages.get(page));
        root.setCenter(shown.node());
        shown.refresh();
    }

    /** Asks again for what is on the screen: something was decided. */
    public void changed() {
        if (stage.isShowing()) {
            java.util.Objects.requireNonNull(pages.get(tab)).refresh();
        }
    }

    /** How it is with the agent. */
    public void health(Health health) {
        status.set(health);
    }

    /** Opens the page where the person says for how long and why inspection is to be paused. */
    public void askPause() {
        open(Tab.STATUS);
        status.askPause();
    }

    /** Says that the agent did not go on, and why. */
    public void pauseFailed(Throwable failure) {
        open(Tab.STATUS);
        status.pauseFailed(failure);
    }

    /** Whether a person can see it. */
    public boolean isShowing() {
        return stage.isShowing();
    }

    /** Takes it off the screen. */
    public void hide() {
        stage.hide();
    }
}
