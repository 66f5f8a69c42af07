// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.tray;

/** What a person can do from the tray. Called on any thread; must not block. */
public interface TrayActions {
    void showCard();

    void showHistory();

    void showCollected();

    void showStatus();

    /** Asks the person for how long and why inspection is to be paused. */
    void askPause();

    /** Ends the pause. */
    void resume();

    void quit();
}
