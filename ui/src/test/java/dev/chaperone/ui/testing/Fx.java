// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.testing;

import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import javafx.scene.Node;
import javafx.scene.control.Labeled;
import javafx.stage.Window;
import org.testfx.api.FxRobot;
import org.testfx.api.FxToolkit;
import org.testfx.util.WaitForAsyncUtils;

/** Windows and a robot, on JavaFX's Headless platform. Waits on conditions, never for a time. */
public final class Fx {
    private static final int SECONDS = 15;

    private final FxRobot robot = new FxRobot();

    public Fx() {
        try {
            FxToolkit.registerPrimaryStage();
        } catch (TimeoutException e) {
            throw new IllegalStateException("JavaFX did not start", e);
        }
    }

    public FxRobot robot() {
        return robot;
    }

    /** Waits until it holds, looking on the JavaFX thread. */
    public void until(String what, BooleanSupplier holds) {
        try {
            WaitForAsyncUtils.waitFor(SECONDS, TimeUnit.SECONDS, () -> on(holds::getAsBoolean));
        } catch (TimeoutException e) {
            throw new AssertionError("not within " + SECONDS + " s: " + what);
        }
    }

    /** A value, taken on the JavaFX thread. */
    public <T> T on(Callable<T> value) {
        try {
            return WaitForAsyncUtils.asyncFx(value).get(SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError("on the JavaFX thread", e);
        }
    }

    /** A node that can be seen, by its id. */
    public Optional<Node> find(String id) {
        return Window.getWindows().stream()
                .filter(Window::isShowing)
                .flatMap(w -> Optional.ofNullable(w.getScene().lookup("#" + id)).stream())
                .filter(Fx::isSeen)
                .findFirst();
    }

    private static boolean isSeen(Node node) {
        for (Node at = node; at != null; at = at.getParent()) {
            if (!at.isVisible()) {
                return false;
            }
        }
        return true;
    }

    /** Waits until a node can be seen. */
    public void seen(String id) {
        until(id + " is seen", () -> find(id).isPresent());
    }

    /** Waits until a node cannot be seen. */
    public void gone(String id) {
        until(id + " is gone", () -> find(id).isEmpty());
    }

    /** The text of a labelled node. */
    public String text(String id) {
        seen(id);
        return on(() -> ((Labeled) find(id).orElseThrow()).getText());
    }

    /** Waits until a label holds a text. */
    public void says(String id, String part) {
        until(
                id + " says " + part,
                () -> find(id).filter(n -> ((Labeled) n).getText().contains(part)).isPresent());
    }

    public boolean isDisabled(String id) {
        seen(id);
        return on(() -> find(id).orElseThrow().isDisabled());
    }

    /** Clicks with the mouse, in the middle, once it can be seen. */
    public void click(String id) {
        seen(id);
        WaitForAsyncUtils.waitForFxEvents();
        Node node = on(() -> find(id).orElseThrow());
        // At once: the robot's own way there takes half a second.
        robot.robotContext().getBaseRobot().moveMouse(robot.point(node).query());
        robot.clickOn(node);
        WaitForAsyncUtils.waitForFxEvents();
    }

    /** Takes every window away. */
    public void clear() {
        on(() -> {
            Window.getWindows().stream().toList().forEach(Window::hide);
            return true;
        });
    }
}
