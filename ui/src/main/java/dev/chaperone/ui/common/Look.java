// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.common;

import atlantafx.base.theme.PrimerDark;
import atlantafx.base.theme.PrimerLight;
import java.util.List;
import java.util.Objects;
import javafx.application.Application;
import javafx.application.ColorScheme;
import javafx.application.Platform;
import javafx.scene.Parent;
import javafx.scene.Scene;
import javafx.scene.text.Font;

/** How the windows look: AtlantaFX's Primer with our own sheet over it. On the JavaFX thread. */
public final class Look {
    /** What a person may ask for. */
    public enum Theme {
        LIGHT,
        DARK,
        /** As the desktop is set, also when that changes. */
        SYSTEM
    }

    /** Read well at 13 px, in this order; else JavaFX's own choice. */
    private static final List<String> FAMILIES =
            List.of(
                    "Inter",
                    "Segoe UI",
                    "SF Pro Text",
                    "Cantarell",
                    "Ubuntu",
                    "Noto Sans",
                    "Open Sans",
                    "Liberation Sans",
                    "DejaVu Sans");

    private Look() {}

    /** Sets the theme of every window. */
    public static void apply(Theme theme) {
        switch (theme) {
            case LIGHT -> dark(false);
            case DARK -> dark(true);
            case SYSTEM -> {
                Platform.Preferences preferences = Platform.getPreferences();
                dark(preferences.getColorScheme() == ColorScheme.DARK);
                preferences
                        .colorSchemeProperty()
                        .addListener((_, _, now) -> dark(now == ColorScheme.DARK));
            }
        }
    }

    private static void dark(boolean dark) {
        Application.setUserAgentStylesheet(
                dark
                        ? new PrimerDark().getUserAgentStylesheet()
                        : new PrimerLight().getUserAgentStylesheet());
    }

    /** A scene with our sheet. */
    public static Scene scene(Parent root, double width, double height) {
        Scene scene = new Scene(root, width, height);
        scene.getStylesheets()
                .add(
                        Objects.requireNonNull(Look.class.getResource("chaperone.css"))
                                .toExternalForm());
        List<String> installed = Font.getFamilies();
        FAMILIES.stream()
                .filter(installed::contains)
                .findFirst()
                .ifPresent(family -> root.setStyle("-fx-font-family: \"" + family + "\";"));
        return scene;
    }
}
