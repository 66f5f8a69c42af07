// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import javafx.scene.Node;
import javafx.scene.Parent;
import javafx.scene.control.ButtonBase;
import javafx.scene.control.Labeled;
import javafx.scene.control.ListView;
import javafx.scene.control.TextInputControl;
import javafx.scene.layout.Region;
import javafx.scene.paint.Color;
import javafx.scene.paint.Paint;
import javafx.scene.text.Text;

/** What can be wrong with a screen. On the JavaFX thread, after CSS and layout. */
public final class Screen {
    private Screen() {}

    /** Texts that are cut: narrower or lower than they need, or ending in an ellipsis. */
    public static List<String> cut(Node root) {
        List<String> cut = new ArrayList<>();
        walk(
                root,
                node -> {
                    if (node instanceof Labeled label
                            && label.getText() != null
                            && !label.getText().isEmpty()) {
                        boolean low = label.getHeight() + 0.5 < label.prefHeight(label.getWidth());
                        boolean narrow =
                                !label.isWrapText() && label.getWidth() + 0.5 < label.prefWidth(-1);
                        boolean shortened =
                                label.lookup(".text") instanceof Text text
                                        && !text.getText().equals(label.getText());
                        if (low || narrow || shortened) {
                            cut.add("cut: " + label.getId() + " '" + label.getText() + "'");
                        }
                    }
                });
        return cut;
    }

    /**
     * Texts that stand out from their ground less than they should; WCAG 2.2, relative luminance.
     */
    public static List<String> faint(Node root, double least) {
        List<String> faint = new ArrayList<>();
        walk(
                root,
                node -> {
                    Paint paint = null;
                    String words = "";
                    if (node instanceof Labeled label) {
                        paint = label.getTextFill();
                        words = label.getText() == null ? "" : label.getText();
                    } else if (node instanceof Text text
                            && !(text.getParent() instanceof Labeled)) {
                        paint = text.getFill();
                        words = text.getText();
                    }
                    if (paint instanceof Color ink && !words.isBlank() && !node.isDisabled()) {
                        double contrast = contrast(over(ink, ground(node)), ground(node));
                        if (contrast < least) {
                            faint.add("faint: %.2f '%s'".formatted(contrast, words));
                        }
                    }
                });
        return faint;
    }

    /** Controls that a screen reader could not name. */
    public static List<String> unnamed(Node root) {
        List<String> unnamed = new ArrayList<>();
        walk(
                root,
                node -> {
                    boolean control =
                            node instanceof ButtonBase
                                    || node instanceof TextInputControl
                                    || node instanceof ListView<?>;
                    if (control
                            && (node.getAccessibleText() == null
                                    || node.getAccessibleText().isBlank())) {
                        unnamed.add("unnamed: " + node);
                    }
                });
        return unnamed;
    }

    private static void walk(Node node, Consumer<Node> look) {
        if (!node.isVisible()) {
            return;
        }
        look.accept(node);
        if (node instanceof Parent parent) {
            parent.getChildrenUnmodifiable().forEach(child -> walk(child, look));
        }
    }

    /** The colour behind a node: every ground up to the window's, laid over each other. */
    private static Color ground(Node node) {
        List<Color> layers = new ArrayList<>();
        for (Node at = node; at != null; at = at.getParent()) {
            if (at instanceof Region region && region.getBackground() != null) {
                var fills = region.getBackground().getFills();
                if (!fills.isEmpty() && fills.getLast().getFill() instanceof Color fill) {
                    layers.add(fill);
                }
            }
        }
        Color under = node.getScene().getFill() instanceof Color fill ? fill : Color.WHITE;
        for (Color layer : layers.reversed()) {
            under = over(layer, under);
        }
        return under;
    }

    private static Color over(Color top, Color under) {
        double a = top.getOpacity();
        return Color.color(
                top.getRed() * a + under.getRed() * (1 - a),
                top.getGreen() * a + under.getGreen() * (1 - a),
                top.getBlue() * a + under.getBlue() * (1 - a));
    }

    private static double contrast(Color one, Color other) {
        double a = luminance(one);
        double b = luminance(other);
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    }

    private static double luminance(Color colour) {
        return 0.2126 * linear(colour.getRed())
                + 0.7152 * linear(colour.getGreen())
                + 0.0722 * linear(colour.getBlue());
    }

    private static double linear(double channel) {
        return channel <= 0.04045 ? channel / 12.92 : Math.pow((channel + 0.055) / 1.055, 2.4);
    }
}
