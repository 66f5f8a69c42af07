// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.coach;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * 128 bits of HMAC-SHA-256 (RFC 2104) over what a ruling holds for. A ruling must not be found for
 * other content, hence a cryptographic hash; the key lives as long as the process, so that a key
 * tells nothing to who reads memory later.
 */
public record ContentKey(long high, long low) {
    /** Makes keys. Thread-safe. */
    static final class Maker {
        private final SecretKeySpec key;

        Maker() {
            byte[] fresh = new byte[32];
            new SecureRandom().nextBytes(fresh);
            key = new SecretKeySpec(fresh, "HmacSHA256");
        }

        /** The key of a sequence of texts; where one text ends matters. */
        ContentKey of(Iterable<String> parts) {
            try {
                Mac mac = Mac.getInstance("HmacSHA256");
                mac.init(key);
                for (String part : parts) {
                    byte[] bytes = part.getBytes(StandardCharsets.UTF_16BE);
                    mac.update(ByteBuffer.allocate(4).putInt(bytes.length).flip());
                    mac.update(bytes);
                }
                ByteBuffer digest = ByteBuffer.wrap(mac.doFinal());
                return new ContentKey(digest.getLong(), digest.getLong());
            } catch (NoSuchAlgorithmException | InvalidKeyException e) {
                throw new IllegalStateException("every JDK has HMAC-SHA-256", e);
            }
        }
    }
}
