// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.card;

import dev.chaperone.model.ipc.Question;
import dev.chaperone.ui.common.Look;
import dev.chaperone.ui.common.Words;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import javafx.animation.Animation;
import javafx.animation.KeyFrame;
import javafx.animation.PauseTransition;
import javafx.animation.Timeline;
import javafx.application.Platform;
import javafx.geometry.Rectangle2D;
import javafx.scene.Scene;
import javafx.scene.input.MouseEvent;
import javafx.scene.layout.StackPane;
import javafx.stage.Screen;
import javafx.stage.Stage;
import javafx.util.Duration;

/**
 * The one window that cards appear in: on top, in a corner, never with the keyboard. Closing it
 * answers nothing; the next question, or the tray, brings it back. On the JavaFX thread.
 */
final class CardWindow {
    static final double WIDTH = 580;
    static final double HEIGHT = 720;
    private static final double MARGIN = 24; // px to the screen's edge

    private final Stage stage = new Stage();
    private final StackPane root = new StackPane();
    private final Scene scene = Look.scene(root, WIDTH, HEIGHT);
    private final TypingGuard guard;
    private final CardDesk.ShownListener shown;
    private final Timeline ticks;

    CardWindow(Words words, LongSupplier clock, CardDesk.ShownListener shown, Runnable tick) {
        this.shown = shown;
        guard = new TypingGuard(clock);
        guard.watch(scene);
        scene.addEventFilter(MouseEvent.MOUSE_PRESSED, _ -> bringForward());
        stage.setTitle(words.get("card.window"));
        stage.setAlwaysOnTop(true);
        stage.setScene(scene);
        stage.setMinWidth(460);
        stage.setMinHeight(480);
        ticks = new Timeline(new KeyFrame(Duration.seconds(1), _ -> tick.run()));
        ticks.setCycleCount(Animation.INDEFINITE);
        stage.setOnHidden(_ -> ticks.stop());
    }

    /** Shows a card. {@code read}: when its question was read, {@link System#nanoTime}. */
    void show(CardView view, Question question, long read) {
        guard.shown();
        root.getChildren().setAll(view);
        root.requestFocus(); // no button has the keyboard until the person gives it one
        reopen();
        Runnable[] once = new Runnable[1];
        once[0] =
                () -> {
                    scene.removePostLayoutPulseListener(once[0]);
                    Platform.runLater(() ->
                            shown.shown(
                                    question,
                                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - read)));
                };
        scene.addPostLayoutPulseListener(once[0]);
        Platform.requestNextPulse();
    }

    /** Shows the window if the person closed it. */
    void reopen() {
        if (!stage.isShowing()) {
            guard.shown();
            Rectangle2D screen = Screen.getPrimary().getVisualBounds();
            stage.setX(Math.max(screen.getMinX(), screen.getMaxX() - WIDTH - MARGIN));
            stage.setY(Math.max(screen.getMinY(), screen.getMaxY() - HEIGHT - MARGIN * 2));
            QuietStage.show(stage);
        }
        ticks.play();
    }

    /** To the front, with the keyboard: a person asked for it. */
    void bringForward() {
        if (stage.isShowing()) {
            QuietStage.allowFocus(stage);
            stage.toFront();
            stage.requestFocus();
        }
    }

    void hide() {
        stage.hide();
    }

    void after(double millis, Runnable action) {
        PauseTransition pause = new PauseTransition(Duration.millis(millis));
        pause.setOnFinished(_ -> action.run());
        pause.play();
    }
}
