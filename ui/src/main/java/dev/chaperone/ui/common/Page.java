// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.common;

import javafx.scene.layout.Region;

/** One page of the main window. On the JavaFX thread. */
public interface Page {
    /** What is shown; always the same. */
    Region node();

    /** Asks the agent again. */
    void refresh();
}
