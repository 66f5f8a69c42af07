// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.card;

import com.sun.glass.ui.Window;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javafx.animation.PauseTransition;
import javafx.beans.value.ChangeListener;
import javafx.stage.Stage;
import javafx.util.Duration;

/**
 * Shows a stage without taking the keyboard from the window that has it. JavaFX has no such call;
 * its window toolkit has: a window that may not be focused is mapped without it, and may be focused
 * a moment later, when the person wants to. On the JavaFX thread.
 */
final class QuietStage {
    private static final Duration UNFOCUSED = Duration.millis((double) TypingGuard.KEYS.toMillis());

    private QuietStage() {}

    static void show(Stage stage) {
        Set<Window> before = new HashSet<>(Window.getWindows());
        // The native window is made inside show() before it is mapped; its scene is measured
        // between
        // the two, which is the only moment to reach it. A stage that was shown before has its
        // size.
        stage.setWidth(Double.NaN);
        stage.setHeight(Double.NaN);
        ChangeListener<Number> measured = (_, _, _) -> focusable(fresh(before), false);
        stage.widthProperty().addListener(measured);
        stage.outputScaleXProperty().addListener(measured);
        stage.show();
        stage.widthProperty().removeListener(measured);
        stage.outputScaleXProperty().removeListener(measured);
        List<Window> shown = fresh(before);
        PauseTransition later = new PauseTransition(UNFOCUSED);
        later.setOnFinished(_ -> focusable(shown, true));
        later.play();
    }

    private static List<Window> fresh(Set<Window> before) {
        return Window.getWindows().stream().filter(w -> !before.contains(w)).toList();
    }

    private static void focusable(List<Window> windows, boolean focusable) {
        for (Window window : windows) {
            if (!window.isClosed()) {
                window.setFocusable(focusable);
            }
        }
    }
}
