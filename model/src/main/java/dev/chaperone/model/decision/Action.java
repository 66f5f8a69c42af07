// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.decision;

import java.util.Locale;
import java.util.Optional;

/** What a rule does; also the fail, oversize, unreadable and timeout verdicts of a policy. */
public enum Action {
    ALLOW,
    WARN,
    REDACT,
    COACH,
    BLOCK;

    /** The name used in policies and events: lower case. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Action> of(String id) {
        for (Action action : values()) {
            if (action.id().equals(id)) {
                return Optional.of(action);
            }
        }
        return Optional.empty();
    }
}
