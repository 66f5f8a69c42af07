// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the kernel lets this process do beyond its user's rights (capabilities(7)). */
public enum Capabilities {
    /** To give up parts of one's bounding set. */
    SETPCAP(8),
    /** To capture what other programs send. */
    NET_RAW(13);

    private static final String EFFECTIVE = "CapEff:";
    private static final int HEX = 16;

    private final int bit;

    Capabilities(int bit) {
        this.bit = bit;
    }

    /** Whether this process has it; false where there is no {@code /proc}. */
    public boolean isHeld() {
        return isIn(Path.of("/proc/self/status"));
    }

    boolean isIn(Path status) {
        try {
            return Files.readAllLines(status).stream()
                    .filter(l -> l.startsWith(EFFECTIVE))
                    .map(l -> l.substring(EFFECTIVE.length()).strip())
                    .anyMatch(set -> (Long.parseUnsignedLong(set, HEX) >>> bit & 1) == 1);
        } catch (IOException | NumberFormatException e) {
            return false;
        }
    }
}
