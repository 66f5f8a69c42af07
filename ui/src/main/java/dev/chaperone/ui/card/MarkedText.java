// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.card;

import dev.chaperone.ui.common.Inert;
import dev.chaperone.ui.common.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javafx.geometry.Orientation;
import javafx.scene.AccessibleRole;
import javafx.scene.Group;
import javafx.scene.layout.Region;
import javafx.scene.shape.Path;
import javafx.scene.text.Text;
import javafx.scene.text.TextFlow;

/** A text with its marks: bold, underlined and on a coloured ground. Shown inert. */
final class MarkedText extends Region {
    private final TextFlow flow = new TextFlow();
    private final Group grounds = new Group();
    private final List<Range> ranges = new ArrayList<>();
    private final Words words;

    /** Where a mark stands in the shown text. */
    private record Range(int start, int end, Path ground) {}

    MarkedText(Words words) {
        this.words = words;
        getStyleClass().add("marked-text");
        grounds.setManaged(false);
        getChildren().addAll(grounds, flow);
        setAccessibleRole(AccessibleRole.TEXT);
    }

    void set(List<Piece> pieces) {
        ranges.clear();
        List<Text> texts = new ArrayList<>();
        StringBuilder spoken = new StringBuilder();
        int at = 0;
        for (Piece piece : pieces) {
            Text text = new Text(shown(piece));
            text.getStyleClass()
                    .addAll("passage", "piece-" + piece.kind().name().toLowerCase(Locale.ROOT));
            texts.add(text);
            int end = at + text.getText().length();
            if (piece.kind() != Piece.Kind.PLAIN && piece.kind() != Piece.Kind.CUT) {
                ranges.add(new Range(at, end, ground(piece.kind())));
            }
            at = end;
            spoken.append(text.getText());
        }
        flow.getChildren().setAll(texts);
        grounds.getChildren().setAll(ranges.stream().map(Range::ground).toList());
        setAccessibleText(spoken.toString());
        requestLayout();
    }

    private static Path ground(Piece.Kind kind) {
        Path path = new Path();
        path.getStyleClass().addAll("ground", "ground-" + kind.name().toLowerCase(Locale.ROOT));
        return path;
    }

    private String shown(Piece piece) {
        return piece.kind() == Piece.Kind.CUT
                ? " … " + words.get("card.cut", piece.number()) + " … "
                : Inert.text(piece.text());
    }

    @Override
    public Orientation getContentBias() {
        return Orientation.HORIZONTAL;
    }

    @Override
    protected double computePrefHeight(double width) {
        double inner = width < 0 ? -1 : width - snappedLeftInset() - snappedRightInset();
        return snappedTopInset() + flow.prefHeight(inner) + snappedBottomInset();
    }

    @Override
    protected double computeMinHeight(double width) {
        return computePrefHeight(width);
    }

    @Override
    protected double computePrefWidth(double height) {
        return 200; // as wide as it is let be
    }

    @Override
    protected void layoutChildren() {
        double x = snappedLeftInset();
        double y = snappedTopInset();
        flow.resizeRelocate(
                x, y, getWidth() - x - snappedRightInset(), getHeight() - y - snappedBottomInset());
        flow.layout();
        grounds.setLayoutX(x);
        grounds.setLayoutY(y);
        for (Range range : ranges) {
            range.ground()
                    .getElements()
                    .setAll(flow.getRangeShape(range.start(), range.end(), false));
        }
    }
}
