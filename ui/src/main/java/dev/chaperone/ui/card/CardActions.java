// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.card;

import dev.chaperone.model.ipc.Choice;

/** What a card asks of the window it is in. On the JavaFX thread. */
interface CardActions {
    /** The person has chosen. */
    void choose(Choice choice);

    /** The person wants the text in the clipboard. */
    void copy(String text);

    /** The person has read how it ended. */
    void close();
}
