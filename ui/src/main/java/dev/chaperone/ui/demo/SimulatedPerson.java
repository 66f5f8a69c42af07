// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.demo;

import javafx.animation.KeyFrame;
import javafx.animation.Timeline;
import javafx.geometry.Bounds;
import javafx.scene.Node;
import javafx.scene.input.MouseButton;
import javafx.scene.robot.Robot;
import javafx.stage.Window;
import javafx.util.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A robot in a person's place, for demonstrations and tests: it looks for the button on the card,
 * moves the pointer there and presses it, as a hand would. It presses what is safe only; to let
 * something go takes a person. On the JavaFX thread.
 */
public final class SimulatedPerson {
    /** Longer than the moment in which a card does not take clicks. */
    private static final Duration READS = Duration.millis(650);

    private static final int TRIES = 8;

    private final Does does;

    /** What it does with each card. */
    public enum Does {
        NOTHING(""),
        REDACT("safe"),
        CANCEL("cancel");

        private final String button;

        /**
         * @param button id of the button on the card
         */
        Does(String button) {
            this.button = button;
        }
    }

    public SimulatedPerson(Does does) {
        this.does = does;
    }

    /** A card is on the screen. */
    public void cardShown() {
        if (does != Does.NOTHING) {
            Timeline tries = new Timeline();
            tries.setCycleCount(TRIES);
            tries.getKeyFrames()
                    .add(
                            new KeyFrame(
                                    READS,
                                    _ -> {
                                        if (press()) {
                                            tries.stop();
                                        }
                                    }));
            tries.play();
        }
    }

    private boolean press() {
        for (Window window : Window.getWindows()) {
            Node button = window.getScene() == null ? null : find(window);
            if (button != null && !button.isDisabled() && button.isVisible()) {
                Bounds at = button.localToScreen(button.getBoundsInLocal());
                Robot hand = new Robot();
                hand.mouseMove(at.getCenterX(), at.getCenterY());
                hand.mouseClick(MouseButton.PRIMARY);
                return true;
            }
        }
        return false;
    }

    private @Nullable Node find(Window window) {
        return window.getScene().lookup("#" + does.button);
    }
}
