// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.pki;

import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;

/**
 * EC P-256 keys (FIPS 186-5): every client accepts them and signing costs 30 times less than
 * RSA-2048.
 */
public final class Keys {
    private Keys() {}

    public static KeyPair generate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (NoSuchAlgorithmException | InvalidAlgorithmParameterException e) {
            throw new IllegalStateException("this JDK has no EC P-256", e);
        }
    }

    /**
     * Reads a private key.
     *
     * @param pkcs8 DER, RFC 5958
     * @throws PkiException when it is no EC key
     */
    public static PrivateKey privateKey(byte[] pkcs8) {
        try {
            return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        } catch (GeneralSecurityException e) {
            throw new PkiException("the private key cannot be read as PKCS #8 EC", e);
        }
    }

    /**
     * Reads a public key.
     *
     * @param spki DER, RFC 5280 §4.1.2.7
     * @throws PkiException when it is no EC key
     */
    public static PublicKey publicKey(byte[] spki) {
        try {
            return KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(spki));
        } catch (GeneralSecurityException e) {
            throw new PkiException("the public key cannot be read as EC", e);
        }
    }
}
