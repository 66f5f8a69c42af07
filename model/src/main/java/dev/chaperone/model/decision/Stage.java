// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.decision;

/** The stage of an exchange that a rule looks at. */
public enum Stage {
    REQUEST,
    RESPONSE,
    TOOL;

    public String id() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
