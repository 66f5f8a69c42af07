// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.store;

import dev.chaperone.agent.os.KeyVault;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts what lies on the disk with AES-256-GCM (NIST SP 800-38D): a random 96-bit nonce, then
 * ciphertext and tag. The event's or file's name is authenticated along, so that contents cannot be
 * swapped. Thread-safe.
 */
public final class EventCipher {
    private static final String KEY_NAME = "event-store-key";
    private static final int KEY_BYTES = 32;
    private static final int NONCE = 12;
    private static final int TAG_BITS = 128;

    private final SecretKey key;
    private final SecureRandom random = new SecureRandom();

    private EventCipher(byte[] key) {
        this.key = new SecretKeySpec(key, "AES");
    }

    /** Opens the key of the event store, or makes one. */
    static EventCipher open(KeyVault vault) throws IOException {
        return open(vault, KEY_NAME);
    }

    /** Opens the key of the event store; empty when there is none. Makes nothing. */
    static Optional<EventCipher> existing(KeyVault vault) throws IOException {
        Optional<byte[]> known = vault.get(KEY_NAME);
        return known.isPresent() ? Optional.of(of(known.get(), KEY_NAME)) : Optional.empty();
    }

    private static EventCipher of(byte[] key, String keyName) throws IOException {
        if (key.length != KEY_BYTES) {
            throw new IOException("the key " + keyName + " is damaged");
        }
        return new EventCipher(key);
    }

    /**
     * Opens a data key, or makes one.
     *
     * @param keyName its name in the vault
     */
    public static EventCipher open(KeyVault vault, String keyName) throws IOException {
        Optional<byte[]> known = vault.get(keyName);
        if (known.isPresent()) {
            return of(known.get(), keyName);
        }
        byte[] fresh = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(fresh);
        vault.put(keyName, fresh);
        return new EventCipher(fresh);
    }

    /** Nonce, ciphertext and tag. */
    public byte[] seal(byte[] plain, byte[] associated) {
        byte[] nonce = new byte[NONCE];
        random.nextBytes(nonce);
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, nonce));
            cipher.updateAAD(associated);
            byte[] out = new byte[NONCE + cipher.getOutputSize(plain.length)];
            System.arraycopy(nonce, 0, out, 0, NONCE);
            cipher.doFinal(plain, 0, plain.length, out, NONCE);
            return out;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM", e);
        }
    }

    /** Empty when it was changed or the key is another. */
    public Optional<byte[]> open(byte[] sealed, byte[] associated) {
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, sealed, 0, NONCE));
            cipher.updateAAD(associated);
            return Optional.of(cipher.doFinal(sealed, NONCE, sealed.length - NONCE));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
