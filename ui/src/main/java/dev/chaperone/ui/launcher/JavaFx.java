// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.launcher;

import dev.chaperone.ui.common.Look;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import javafx.application.Platform;

/** JavaFX, started with the first window and not before: until then this process is small. */
final class JavaFx {
    private final Look.Theme theme;
    private final Runnable failed;
    private boolean started;
    private boolean broken;

    /**
     * @param failed told when no window can be made
     */
    JavaFx(Look.Theme theme, Runnable failed) {
        this.theme = theme;
        this.failed = failed;
    }

    /** Why there can be no window, before JavaFX is asked; empty when it should work. */
    static Optional<String> obstacle(Map<String, String> environment) {
        boolean linux = System.getProperty("os.name", "").startsWith("Linux");
        boolean headless = "Headless".equals(System.getProperty("glass.platform"));
        if (!linux || headless) {
            return Optional.empty();
        }
        if (environment.getOrDefault("DISPLAY", "").isBlank()) {
            return Optional.of(
                    "no display: DISPLAY is not set. On this machine use: chaperone pending, chaperone answer");
        }
        return SystemLibraries.missing(Path.of("/"), environment)
                .map(what ->
                        "no window can be shown: "
                                + what
                                + ". Until then use: chaperone pending, chaperone answer");
    }

    /** Runs on the JavaFX thread; from any thread, in order. */
    synchronized void run(Runnable action) {
        if (broken) {
            return; // was said
        }
        if (started) {
            Platform.runLater(action);
            return;
        }
        Runnable first =
                () -> {
                    Platform.setImplicitExit(false);
                    Look.apply(theme);
                };
        try {
            Platform.startup(first);
        } catch (IllegalStateException e) {
            Platform.runLater(first); // somebody in this process has started it
        } catch (UnsupportedOperationException e) {
            broken = true; // the display does not answer
            failed.run();
            return;
        }
        started = true;
        Platform.runLater(action);
    }

    /** Whether there has been a window. */
    synchronized boolean isStarted() {
        return started;
    }

    /** Ends JavaFX. */
    synchronized void stop() {
        if (started) {
            Platform.exit();
        }
    }
}
