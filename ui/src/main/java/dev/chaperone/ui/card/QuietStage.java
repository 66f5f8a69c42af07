// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.card;

import com.sun.javafx.stage.WindowHelper;
import com.sun.javafx.tk.quantum.WindowStage;
import javafx.animation.PauseTransition;
import javafx.collections.ListChangeListener;
import javafx.stage.Stage;
import javafx.stage.Window;
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
        // Inside show() the native window is made, then the stage joins this list, then it is
        // mapped:
        // the only moment at which a window is there and not yet seen.
        ListChangeListener<Window> made = _ -> focusable(stage, false);
        Window.getWindows().addListener(made);
        stage.show();
        Window.getWindows().removeListener(made);
        PauseTransition later = new PauseTransition(UNFOCUSED);
        later.setOnFinished(_ -> allowFocus(stage));
        later.play();
    }

    /** The person wants it to have the keyboard. */
    static void allowFocus(Stage stage) {
        focusable(stage, true);
    }

    private static void focusable(Stage stage, boolean focusable) {
        if (WindowHelper.getPeer(stage) instanceof WindowStage peer
                && peer.getPlatformWindow() != null
                && !peer.getPlatformWindow().isClosed()) {
            peer.getPlatformWindow().setFocusable(focusable);
        }
    }
}
