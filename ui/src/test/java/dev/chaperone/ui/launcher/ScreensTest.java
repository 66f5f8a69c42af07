// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.ui.common.Look;
import dev.chaperone.ui.common.Words;
import dev.chaperone.ui.demo.DemoAgent;
import dev.chaperone.ui.demo.Sample;
import dev.chaperone.ui.demo.SimulatedPerson;
import dev.chaperone.ui.testing.Fx;
import dev.chaperone.ui.testing.Png;
import dev.chaperone.ui.testing.Screen;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.RadioButton;
import javafx.scene.control.TextField;
import javafx.scene.image.WritableImage;
import javafx.stage.Window;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every screen of the demonstration in both languages and themes: nothing is cut at the smallest
 * size, everything can be read, every control has a name. Leaves pictures in target/screenshots.
 */
class ScreensTest {
    private static final Path PICTURES = Path.of("target/screenshots");
    private static final double CONTRAST = 4.5; // WCAG 2.2, 1.4.3

    private final Fx fx = new Fx();

    private static Desktop start(String language, Look.Theme theme) {
        PrintStream nowhere = new PrintStream(new ByteArrayOutputStream());
        Desktop desktop =
                new Desktop(
                        listener -> new DemoAgent(listener, new Sample(language, Instant.now())),
                        Words.in(language),
                        theme,
                        new Console(nowhere, nowhere),
                        System::nanoTime,
                        true,
                        new SimulatedPerson(SimulatedPerson.Does.NOTHING));
        ((DemoAgent) desktop.agent()).start();
        return desktop;
    }

    @AfterEach
    void clear() {
        fx.clear();
    }

    @ParameterizedTest
    @CsvSource({"en,LIGHT", "en,DARK", "de,LIGHT", "de,DARK"})
    void everyScreenCanBeRead(String language, Look.Theme theme) throws IOException {
        Desktop desktop = start(language, theme);
        fx.seen("safe");
        check("card", "title", language, theme);
        press("send");
        fx.seen("reason-box");
        check("card-reason", "title", language, theme);
        for (Options.Show page :
                List.of(Options.Show.HISTORY, Options.Show.COLLECTED, Options.Show.STATUS)) {
            String id = page.name().toLowerCase(Locale.ROOT);
            desktop.show(page);
            fx.seen(id);
            fx.until(
                    id + " is filled",
                    () -> fx.find(id).orElseThrow().lookupAll(".badge").size() > 2);
            check(id, id, language, theme);
        }
        press("pause");
        fx.seen("pause-form");
        fx.on(() -> {
            ((TextField) fx.find("pause-reason").orElseThrow())
                    .setText(
                            language.equals("de")
                                    ? "Der Upload bricht unter Prüfung ab, ich muss es dem Support zeigen"
                                    : "The upload breaks under inspection, I have to show support");
            ((RadioButton) fx.find("pause-15").orElseThrow()).fire();
            return true;
        });
        check("pause", "pause-form", language, theme);
        press("pause-start");
        fx.seen("resume");
        check("status-paused", "resume", language, theme);
    }

    private void press(String id) {
        fx.on(() -> {
            ((Button) fx.find(id).orElseThrow()).fire();
            return true;
        });
    }

    private void check(String name, String node, String language, Look.Theme theme)
            throws IOException {
        Window window = fx.on(() -> fx.find(node).orElseThrow().getScene().getWindow());
        Path picture =
                PICTURES.resolve(
                        name
                                + "-"
                                + theme.name().toLowerCase(Locale.ROOT)
                                + "-"
                                + language
                                + ".png");
        Png.write(snapshot(window), picture);
        List<String> wrong =
                fx.on(() -> {
                    double width = window.getWidth();
                    double height = window.getHeight();
                    window.setWidth(((javafx.stage.Stage) window).getMinWidth());
                    window.setHeight(((javafx.stage.Stage) window).getMinHeight());
                    Node root = window.getScene().getRoot();
                    root.applyCss();
                    window.getScene().getRoot().layout();
                    List<String> found = new ArrayList<>(Screen.cut(root));
                    found.addAll(Screen.faint(root, CONTRAST));
                    found.addAll(Screen.unnamed(root));
                    window.setWidth(width);
                    window.setHeight(height);
                    return found;
                });
        assertThat(wrong).as(picture.toString()).isEmpty();
    }

    private WritableImage snapshot(Window window) {
        return fx.on(() -> window.getScene().snapshot(null));
    }

    /** The check itself can fail. */
    @Test
    void cutFaintAndUnnamedPartsAreSeen() {
        List<String> wrong =
                fx.on(() -> {
                    var label = new javafx.scene.control.Label("far too long for this");
                    label.setMaxWidth(40);
                    label.setStyle("-fx-text-fill: #ccc;");
                    var box =
                            new javafx.scene.layout.VBox(
                                    label, new javafx.scene.control.CheckBox());
                    box.setStyle("-fx-background-color: white;");
                    var stage = new javafx.stage.Stage();
                    stage.setScene(Look.scene(box, 200, 100));
                    stage.show();
                    box.applyCss();
                    box.layout();
                    List<String> found = new ArrayList<>(Screen.cut(box));
                    found.addAll(Screen.faint(box, CONTRAST));
                    found.addAll(Screen.unnamed(box));
                    stage.hide();
                    return found;
                });
        assertThat(wrong).hasSize(3);
    }
}
