// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import dev.chaperone.ui.launcher.UiMain;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javafx.application.Platform;
import javafx.geometry.Bounds;
import javafx.scene.Node;
import javafx.scene.control.Labeled;
import javafx.scene.input.KeyCode;
import javafx.scene.input.MouseButton;
import javafx.scene.robot.Robot;
import javafx.stage.Window;

/**
 * The real user interface with a hand at its mouse and keyboard, for tests only: the product's own
 * robot presses nothing that lets anything go. Obeys a line each on standard input: {@code press
 * ID}, {@code type WORDS}, {@code read ID}; says {@code hand: } and what it did.
 */
public final class UiHand {
    private static final int PATIENCE_SECONDS = 20;

    private UiHand() {}

    public static void main(String[] arguments) {
        Thread hand = new Thread(UiHand::obey, "hand");
        hand.setDaemon(true);
        hand.start();
        UiMain.main(arguments);
    }

    private static void obey() {
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] order = line.split(" ", 2);
                System.out.println("hand: " + line + done(order[0], order[1]));
            }
        } catch (IOException | InterruptedException e) {
            System.out.println("hand: " + e.getClass().getSimpleName());
        }
    }

    /** What came of it, once there is something to do it with. */
    private static String done(String verb, String what) throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        Optional<String> done = Optional.empty();
        while (done.isEmpty() && System.nanoTime() < until) {
            TimeUnit.MILLISECONDS.sleep(30); // windows come when they come
            done =
                    switch (verb) {
                        case "press" -> onFx(() -> seen(what).flatMap(UiHand::press));
                        case "read" ->
                                onFx(() -> seen(what).map(n -> " " + ((Labeled) n).getText()));
                        default -> onFx(() -> type(what));
                    };
        }
        return done.orElse(" NOT THERE");
    }

    private static Optional<String> onFx(Supplier<Optional<String>> action)
            throws InterruptedException {
        CompletableFuture<Optional<String>> result = new CompletableFuture<>();
        try {
            Platform.runLater(() -> {
                try {
                    result.complete(action.get());
                } catch (RuntimeException e) {
                    result.completeExceptionally(e);
                }
            });
            return result.get();
        } catch (IllegalStateException | ExecutionException e) {
            return Optional.empty(); // no JavaFX before the first window, no robot before its place
        }
    }

    private static Optional<Node> seen(String id) {
        return Window.getWindows().stream()
                .filter(Window::isShowing)
                .flatMap(w -> Optional.ofNullable(w.getScene().lookup("#" + id)).stream())
                .filter(n -> n.isVisible() && n.getLayoutBounds().getWidth() > 0)
                .findFirst();
    }

    private static Optional<String> press(Node node) {
        if (node.isDisabled()) {
            return Optional.empty();
        }
        Bounds at = node.localToScreen(node.getBoundsInLocal());
        Robot robot = new Robot();
        robot.mouseMove(at.getCenterX(), at.getCenterY());
        robot.mouseClick(MouseButton.PRIMARY);
        return Optional.of("");
    }

    /** Letters and spaces. */
    private static Optional<String> type(String words) {
        Robot robot = new Robot();
        words.chars()
                .mapToObj(c -> c == ' ' ? KeyCode.SPACE : KeyCode.getKeyCode(letter(c)))
                .forEach(robot::keyType);
        return Optional.of("");
    }

    private static String letter(int c) {
        return Character.toString(c).toUpperCase(Locale.ROOT);
    }
}
