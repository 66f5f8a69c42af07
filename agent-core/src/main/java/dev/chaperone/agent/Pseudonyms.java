// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import dev.chaperone.agent.os.KeyVault;
import dev.chaperone.model.event.Event;
import dev.chaperone.model.prompt.ClientProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Names that tell users and programs apart without saying who they are: HMAC-SHA-256 under a device
 * key. Thread-safe.
 */
public final class Pseudonyms {
    private static final String KEY_NAME = "pseudonym-key";
    private static final int LENGTH = 16;

    private final byte[] key;

    private Pseudonyms(byte[] key) {
        this.key = key;
    }

    public static Pseudonyms open(KeyVault vault) throws IOException {
        Optional<byte[]> known = vault.get(KEY_NAME);
        if (known.isPresent()) {
            return new Pseudonyms(known.get());
        }
        byte[] fresh = new byte[32];
        new SecureRandom().nextBytes(fresh);
        vault.put(KEY_NAME, fresh);
        return new Pseudonyms(fresh);
    }

    /** 16 hex digits for a local user, or {@code unknown}. */
    String user(ClientProcess client) {
        return user(client.uid());
    }

    /** The same by user id; negative for an unknown one. */
    String user(long uid) {
        if (uid < 0) {
            return "unknown";
        }
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            byte[] digest = mac.doFinal(("uid:" + uid).getBytes(StandardCharsets.US_ASCII));
            return HexFormat.of().formatHex(digest).substring(0, LENGTH);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HMAC-SHA-256", e);
        }
    }

    Event.App app(ClientProcess client) {
        String path = client.executable();
        return new Event.App(client.appName(), null, path == null ? null : sha256(path));
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256")
                                    .digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
