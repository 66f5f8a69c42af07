// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.ledger;

import dev.chaperone.model.ipc.Ledger;
import dev.chaperone.ui.common.Inert;
import dev.chaperone.ui.common.Parts;
import dev.chaperone.ui.common.Words;
import java.util.List;
import java.util.Locale;
import javafx.scene.Node;
import javafx.scene.control.Label;
import javafx.scene.layout.ColumnConstraints;
import javafx.scene.layout.GridPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;

/** The ledger's lists. */
final class LedgerTable {
    private static final int MAX_SENTENCE = 400;
    private static final int MAX_ROWS = 300;
    private static final double[] WIDTHS = {34, 26, 22, 18}; // percent

    private final Words words;

    LedgerTable(Words words) {
        this.words = words;
    }

    Label says(String text, String... styles) {
        return Parts.text(Inert.line(text, MAX_SENTENCE), styles);
    }

    Node exceptions(List<Ledger.OptOut> optOuts) {
        VBox list = new VBox();
        list.setId("exceptions");
        list.getStyleClass().add("table");
        if (optOuts.isEmpty()) {
            list.getChildren().add(line(Parts.text(words.get("collected.no-exceptions"))));
        }
        for (Ledger.OptOut optOut : optOuts.stream().limit(MAX_ROWS).toList()) {
            String kind = words.get("kind." + optOut.kind().name().toLowerCase(Locale.ROOT));
            Label name = says(optOut.name(), "strong");
            HBox.setHgrow(name, Priority.ALWAYS);
            name.setMaxWidth(Double.MAX_VALUE);
            HBox head =
                    new HBox(
                            10,
                            Parts.words(kind, "badge", "badge-warn"),
                            name,
                            Parts.words(words.get("collected.times", optOut.count()), "muted"));
            list.getChildren().add(line(new VBox(4, head, says(optOut.says()))));
        }
        return list;
    }

    private static Node line(Node node) {
        HBox line = new HBox(node);
        HBox.setHgrow(node, Priority.ALWAYS);
        line.getStyleClass().add("table-row");
        return line;
    }

    Node fields(List<Ledger.Field> fields) {
        VBox list = new VBox();
        list.setId("fields");
        list.getStyleClass().add("table");
        GridPane head =
                grid(
                        Parts.text(words.get("collected.what"), "muted"),
                        Parts.text(words.get("collected.purpose"), "muted"),
                        Parts.text(words.get("collected.reader"), "muted"),
                        Parts.text(words.get("collected.expiry"), "muted"));
        head.getStyleClass().add("table-head");
        list.getChildren().add(head);
        for (Ledger.Field field : fields.stream().limit(MAX_ROWS).toList()) {
            String where = words.get(field.sent() ? "collected.sent" : "collected.local");
            VBox what =
                    new VBox(
                            4,
                            says(field.what(), "strong"),
                            says(field.record() + " · " + field.name(), "muted", "small-text"),
                            Parts.text(
                                    where, "badge", field.sent() ? "badge-coach" : "badge-allow"));
            list.getChildren()
                    .add(
                            grid(
                                    what,
                                    says(field.purpose()),
                                    says(field.reader()),
                                    says(field.expiry())));
        }
        return list;
    }

    private static GridPane grid(Node... cells) {
        GridPane grid = new GridPane(14, 0);
        grid.getStyleClass().add("table-row");
        for (double width : WIDTHS) {
            ColumnConstraints column = new ColumnConstraints();
            column.setPercentWidth(width);
            grid.getColumnConstraints().add(column);
        }
        grid.addRow(0, cells);
        for (Node cell : cells) {
            GridPane.setValignment(cell, javafx.geometry.VPos.TOP);
        }
        return grid;
    }
}
