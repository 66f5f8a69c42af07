// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.card;

import java.time.Duration;
import java.util.function.LongSupplier;
import javafx.event.Event;
import javafx.scene.Scene;
import javafx.scene.input.InputEvent;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.input.MouseEvent;

/**
 * Keeps what a person types or clicks elsewhere from answering a card that has just appeared: no
 * key counts for a moment, Enter and Space count only once the person has clicked or tabbed into
 * the window, and the second half of a double click on one card does not press the next. On the
 * JavaFX thread.
 */
final class TypingGuard {
    /** A fast typist's pause between two words is shorter. */
    static final Duration KEYS = Duration.ofMillis(700);

    /** The usual double-click time is 500 ms. */
    static final Duration CLICKS = Duration.ofMillis(500);

    private final LongSupplier clock;
    private long shown;
    private boolean engaged;

    /**
     * @param clock nanoseconds, as {@link System#nanoTime}
     */
    TypingGuard(LongSupplier clock) {
        this.clock = clock;
        this.shown = clock.getAsLong();
    }

    void watch(Scene scene) {
        scene.addEventFilter(KeyEvent.ANY, this::key);
        scene.addEventFilter(MouseEvent.ANY, this::mouse);
    }

    /** Another card is shown now. */
    void shown() {
        shown = clock.getAsLong();
        engaged = false;
    }

    private boolean within(Duration time) {
        return clock.getAsLong() - shown < time.toNanos();
    }

    private void key(KeyEvent event) {
        if (within(KEYS)) {
            event.consume();
        } else if (event.getCode() == KeyCode.TAB) {
            engaged = true;
        } else if (!engaged && presses(event)) {
            event.consume();
        }
    }

    private static boolean presses(KeyEvent event) {
        return event.getCode() == KeyCode.ENTER
                || event.getCode() == KeyCode.SPACE
                || event.getCharacter().equals("\r")
                || event.getCharacter().equals("\n")
                || event.getCharacter().equals(" ");
    }

    private void mouse(MouseEvent event) {
        if (isClick(event)) {
            if (within(CLICKS)) {
                ((InputEvent) event).consume();
            } else {
                engaged = true;
            }
        }
    }

    private static boolean isClick(Event event) {
        return event.getEventType() == MouseEvent.MOUSE_PRESSED
                || event.getEventType() == MouseEvent.MOUSE_RELEASED
                || event.getEventType() == MouseEvent.MOUSE_CLICKED;
    }
}
