// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.lifecycle;

import dev.chaperone.agent.os.KeyVault;
import dev.chaperone.model.sync.LifecycleEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Where the log begins and ends, kept in the key vault.
 *
 * @param base number of the last line that was dropped after its time; 0 for none
 * @param baseHash its hash
 * @param head number of the last line
 * @param headHash its hash
 */
record Seal(long base, String baseHash, long head, String headHash) {
    private static final String NAME = "lifecycle-head";
    static final Seal NONE = new Seal(0, LifecycleEntry.GENESIS, 0, LifecycleEntry.GENESIS);

    static Optional<Seal> read(KeyVault vault) throws IOException {
        Optional<byte[]> kept = vault.get(NAME);
        if (kept.isEmpty()) {
            return Optional.empty();
        }
        String[] parts = new String(kept.get(), StandardCharsets.US_ASCII).strip().split(" ", -1);
        try {
            return parts.length == 4
                    ? Optional.of(
                            new Seal(
                                    Long.parseLong(parts[0]),
                                    parts[1],
                                    Long.parseLong(parts[2]),
                                    parts[3]))
                    : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    void write(KeyVault vault) throws IOException {
        String text = base + " " + baseHash + " " + head + " " + headHash;
        vault.put(NAME, text.getBytes(StandardCharsets.US_ASCII));
    }

    Seal upTo(LifecycleEntry last) {
        return new Seal(base, baseHash, last.n(), last.hash());
    }

    Seal from(LifecycleEntry dropped) {
        return new Seal(dropped.n(), dropped.hash(), head, headHash);
    }

    /** Whether a line was written and a crash came before it was sealed. */
    boolean isFollowedBy(LifecycleEntry entry) {
        return entry.n() == head + 1 && entry.previous().equals(headHash) && entry.holds();
    }
}
