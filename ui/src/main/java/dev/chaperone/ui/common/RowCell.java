// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.common;

import java.util.function.Function;
import javafx.scene.control.ListCell;
import javafx.scene.control.ListView;
import javafx.scene.layout.Region;
import org.jspecify.annotations.Nullable;

/** A list's row that is as high as its wrapped texts need at the list's width. */
public final class RowCell<T> extends ListCell<T> {
    private static final double SCROLL_BAR = 22; // px kept free at the right

    private final Function<T, Region> row;
    private final Function<T, String> spoken;

    private RowCell(Function<T, Region> row, Function<T, String> spoken) {
        this.row = row;
        this.spoken = spoken;
    }

    /**
     * A list of such rows.
     *
     * @param row draws a row
     * @param spoken says a row
     */
    public static <T> ListView<T> list(
            String id, String name, Function<T, Region> row, Function<T, String> spoken) {
        ListView<T> list = new ListView<>();
        list.setId(id);
        list.setAccessibleText(name);
        list.getStyleClass().add("rows");
        list.setCellFactory(_ -> new RowCell<>(row, spoken));
        return list;
    }

    @Override
    protected void updateItem(@Nullable T item, boolean empty) {
        super.updateItem(item, empty);
        setText(null);
        if (empty || item == null) {
            setGraphic(null);
            setAccessibleText(null);
        } else {
            Region drawn = row.apply(item);
            drawn.setMinWidth(0);
            drawn.prefWidthProperty()
                    .bind(
                            getListView()
                                    .widthProperty()
                                    .subtract(
                                            SCROLL_BAR + snappedLeftInset() + snappedRightInset()));
            drawn.maxWidthProperty().bind(drawn.prefWidthProperty());
            setGraphic(drawn);
            setAccessibleText(spoken.apply(item));
        }
    }

    @Override
    protected double computePrefHeight(double width) {
        if (getGraphic() instanceof Region drawn) {
            return snappedTopInset()
                    + Math.ceil(drawn.prefHeight(drawn.getPrefWidth()))
                    + snappedBottomInset();
        }
        return super.computePrefHeight(width);
    }

    @Override
    protected double computePrefWidth(double height) {
        return 0; // never a horizontal scroll bar
    }
}
