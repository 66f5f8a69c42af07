// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.sync;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;

/**
 * One line of a device's lifecycle log (docs/adr/0019). Each holds the hash of the line before, so
 * that one that is changed, taken out or slipped in breaks the chain.
 *
 * @param n from 1, without gaps
 * @param at when, milliseconds exact
 * @param kind what happened: {@code start}, {@code stop}, {@code killed} …; lower case and dashes
 * @param detail versions, process ids, fingerprints, the reason of a pause; no content
 * @param by {@code uid N} of who did it, or {@code system}
 * @param previous hash of the line before, 64 hex digits; {@link #GENESIS} before the first
 * @param hash of this line
 */
public record LifecycleEntry(
        long n, Instant at, String kind, String detail, String by, String previous, String hash) {
    /** What the first line follows. */
    public static final String GENESIS = "0".repeat(64);

    /** A line with its hash. */
    public static LifecycleEntry sealed(
            long n, Instant at, String kind, String detail, String by, String previous) {
        Instant exact = Instant.ofEpochMilli(at.toEpochMilli());
        LifecycleEntry open = new LifecycleEntry(n, exact, kind, detail, by, previous, "");
        return new LifecycleEntry(n, exact, kind, detail, by, previous, open.computed());
    }

    /** SHA-256 over the other fields, each with its length before it. */
    public String computed() {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
        String[] fields = {
            Long.toString(n), Long.toString(at.toEpochMilli()), kind, detail, by, previous
        };
        for (String field : fields) {
            byte[] bytes = field.getBytes(StandardCharsets.UTF_8);
            digest.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
            digest.update(bytes);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Whether nobody changed it since it was sealed. */
    public boolean holds() {
        return hash.equals(computed());
    }
}
