// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What comes back as real values in the answer to a redacted prompt. */
public enum Restore {
    /** Answer text. */
    TEXT,
    /** Answer text and the arguments of tool calls. */
    TOOLS,
    /** Nothing. */
    OFF;

    /** As policies write it. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    static List<String> ids() {
        return Arrays.stream(values()).map(Restore::id).toList();
    }

    /** The one of {@link #ids}. */
    static Restore of(String id) {
        return valueOf(id.toUpperCase(Locale.ROOT));
    }
}
