// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.tray;

/**
 * What the tray says.
 *
 * @param mood what its sign and its tool tip are
 * @param open how many questions are open; ≥ 0
 */
public record TrayState(Mood mood, int open) {
    /** How it is, the most urgent first. */
    public enum Mood {
        /** A question is open. */
        ASKS,
        UNPROTECTED,
        /** No agent. */
        AWAY,
        PROTECTED;

        /** Part of the keys of its words. */
        public String key() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }
}
