// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.restore;

/**
 * How much longer restoring may make one answer: an answer of placeholders must not fill memory.
 */
public final class Growth {
    /** 16 Mi characters: a thousand private keys. */
    public static final int MAX = 16 << 20;

    private int left = MAX;
    private int restored;
    private boolean exhausted;

    /** False when there is no room for {@code chars} more; then none is given any more. */
    boolean take(int chars) {
        exhausted |= chars > left;
        if (exhausted) {
            return false;
        }
        left -= chars;
        restored++;
        return true;
    }

    /** How many placeholders were restored. */
    public int restored() {
        return restored;
    }

    /** True when a placeholder was left for want of room. */
    public boolean isExhausted() {
        return exhausted;
    }
}
