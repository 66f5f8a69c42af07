// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.ingest;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The server's names for people: HMAC-SHA-256 over what the device already sends as a pseudonym, so
 * that neither side alone can lead from a report to a person. Thread-safe.
 */
public final class Pseudonyms {
    private static final int DIGITS = 16;

    private final byte[] key;

    /**
     * @param key 32 random bytes
     */
    public Pseudonyms(byte[] key) {
        this.key = key.clone();
    }

    /** 16 hex digits. Everyone whom devices could not name is one. */
    String of(String user) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            byte[] digest = mac.doFinal(user.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, DIGITS);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HMAC-SHA-256", e);
        }
    }
}
