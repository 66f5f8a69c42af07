// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.restore;

/**
 * Whether an address so far begins with {@code mailto:} or {@code tel:}, letter by letter: nothing
 * is loaded from these. What is written in another way (entities, backslashes) is not one. One
 * thread.
 */
final class HarmlessScheme {
    private static final int LONGEST = "mailto:".length();

    private final StringBuilder start = new StringBuilder(LONGEST);
    private boolean spoilt;

    void begin() {
        start.setLength(0);
        spoilt = false;
    }

    void next(char c) {
        if (start.length() < LONGEST) {
            start.append(Character.toLowerCase(c));
        }
    }

    /** What follows is no longer part of the address that began so. */
    void spoil() {
        spoilt = true;
    }

    boolean matches() {
        return !spoilt && (start.indexOf("mailto:") == 0 || start.indexOf("tel:") == 0);
    }
}
