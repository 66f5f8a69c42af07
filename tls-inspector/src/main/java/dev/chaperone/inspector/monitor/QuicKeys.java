// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.monitor;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What protects the client's Initial packets: keys that anybody can derive from the first
 * destination connection id (RFC 9001 §5.2, RFC 9369 §3.3). For one thread.
 */
final class QuicKeys {
    /** How a version of QUIC derives them. */
    enum Version {
        V1(1, 0, "38762cf7f55934b34d179ae6a4c80cadccbb7f0a", "quic "),
        V2(0x6B3343CF, 1, "0dede3def700a6db819381be6e269dcbf9bd2ed9", "quicv2 ");

        final int number;
        final int initialType;
        private final String salt;
        private final String prefix;

        Version(int number, int initialType, String salt, String prefix) {
            this.number = number;
            this.initialType = initialType;
            this.salt = salt;
            this.prefix = prefix;
        }

        static Optional<Version> of(int number) {
            for (Version v : values()) {
                if (v.number == number) {
                    return Optional.of(v);
                }
            }
            return Optional.empty();
        }
    }

    private static final int KEY = 16;
    private static final int IV = 12;
    private static final int TAG_BITS = 128;

    private final SecretKeySpec key;
    private final byte[] iv;
    private final Cipher mask;

    private QuicKeys(SecretKeySpec key, byte[] iv, Cipher mask) {
        this.key = key;
        this.iv = iv;
        this.mask = mask;
    }

    /**
     * Derives the keys of the client's direction.
     *
     * @param connection the first destination connection id, 0 to 20 bytes
     */
    static QuicKeys derive(Version version, byte[] connection) {
        try {
            KDF kdf = KDF.getInstance("HKDF-SHA256");
            // A connection id may be empty, and javax.crypto keys may not: extract takes it as
            // bytes.
            SecretKey initial =
                    kdf.deriveKey(
                            "Generic",
                            HKDFParameterSpec.ofExtract()
                                    .addSalt(HexFormat.of().parseHex(version.salt))
                                    .addIKM(connection)
                                    .extractOnly());
            SecretKey client = new SecretKeySpec(expand(kdf, initial, "client in", 32), "Generic");
            Cipher mask = Cipher.getInstance("AES/ECB/NoPadding");
            mask.init(
                    Cipher.ENCRYPT_MODE,
                    new SecretKeySpec(expand(kdf, client, version.prefix + "hp", KEY), "AES"));
            return new QuicKeys(
                    new SecretKeySpec(expand(kdf, client, version.prefix + "key", KEY), "AES"),
                    expand(kdf, client, version.prefix + "iv", IV),
                    mask);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("JDK 25 has HKDF-SHA256 and AES", e);
        }
    }

    /** HKDF-Expand-Label of TLS 1.3 (RFC 8446 §7.1) with an empty context. */
    private static byte[] expand(KDF kdf, SecretKey secret, String label, int length)
            throws GeneralSecurityException {
        byte[] name = ("tls13 " + label).getBytes(StandardCharsets.US_ASCII);
        ByteBuffer info = ByteBuffer.allocate(4 + name.length);
        info.putShort((short) length).put((byte) name.length).put(name).put((byte) 0);
        return kdf.deriveData(HKDFParameterSpec.expandOnly(secret, info.array(), length));
    }

    /** The mask of a header (RFC 9001 §5.4.3) for a sample of 16 bytes. */
    byte[] mask(byte[] sample) {
        try {
            return mask.doFinal(sample);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("16 bytes are one block", e);
        }
    }

    /**
     * Opens a packet's payload.
     *
     * @param header up to and with the packet number, unmasked
     * @param sealed payload and tag
     * @return empty when the tag does not fit
     */
    Optional<ByteBuffer> open(long number, byte[] header, byte[] sealed) {
        byte[] nonce = iv.clone();
        for (int i = 0; i < 8; i++) {
            nonce[IV - 1 - i] ^= (byte) (number >>> 8 * i);
        }
        try {
            // A new one each time: a Cipher takes no nonce twice, and a retransmit brings it twice.
            Cipher gcm = Cipher.getInstance("AES/GCM/NoPadding");
            gcm.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, nonce));
            gcm.updateAAD(header);
            return Optional.of(ByteBuffer.wrap(gcm.doFinal(sealed)));
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }
}
