// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.tray;

import dev.chaperone.model.ipc.AgentStatus;
import dev.chaperone.ui.common.Words;
import org.jspecify.annotations.Nullable;

/**
 * What the tray says.
 *
 * @param mood what its sign and its tool tip are
 * @param open how many questions are open; ≥ 0
 * @param pause what the person may do about inspection; null where policy allows no pause
 */
public record TrayState(Mood mood, int open, AgentStatus.@Nullable Pause pause) {
    /** One where policy allows no pause. */
    public TrayState(Mood mood, int open) {
        this(mood, open, null);
    }

    /** How it is, the most urgent first. */
    public enum Mood {
        /** A question is open. */
        ASKS,
        UNPROTECTED,
        /** The person has paused. */
        PAUSED,
        /** No agent. */
        AWAY,
        PROTECTED;

        /** Part of the keys of its words. */
        public String key() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** Whether the person has paused; also while a question is open. */
    public boolean isPaused() {
        return pause != null && pause.until() != null;
    }

    /** One line that says how it is. */
    public String says(Words words) {
        return words.get("tray." + mood.key(), until(words));
    }

    /** When the pause ends, on the reader's clock; empty when none lasts. */
    public String until(Words words) {
        return pause == null || pause.until() == null ? "" : words.clock(pause.until());
    }
}
