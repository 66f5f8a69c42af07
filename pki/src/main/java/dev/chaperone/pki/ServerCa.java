// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.pki;

import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.HexFormat;

/**
 * The CA of a Chaperone server: signs the server's own leaf and the devices' client certificates
 * (DESIGN §4.6), nothing that a browser would trust. Not the root that devices intercept with.
 */
public final class ServerCa {
    private final SigningIdentity identity;

    private ServerCa(SigningIdentity identity) {
        this.identity = identity;
    }

    /** Makes a new CA, valid ten years. */
    public static ServerCa create(String organisation, Instant now) {
        KeyPair pair = Keys.generate();
        return new ServerCa(
                new SigningIdentity(
                        CertificateFactory.serverCa(organisation, pair, now), pair.getPrivate()));
    }

    /** Opens a CA that was kept. */
    public static ServerCa of(SigningIdentity identity) {
        return new ServerCa(identity);
    }

    public SigningIdentity identity() {
        return identity;
    }

    public X509Certificate certificate() {
        return identity.certificate();
    }

    /**
     * SHA-256 of a certificate's subject public key info, 64 lower-case hex digits: what an
     * enrolment token pins (RFC 7469 §2.4 pins the same bytes).
     */
    public static String pin(X509Certificate certificate) {
        return sha256(certificate.getPublicKey());
    }

    /** The same of a bare key. */
    public static String sha256(PublicKey key) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(key.getEncoded()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /**
     * A leaf for the server's listeners.
     *
     * @param names DNS names and IP addresses that clients call it by, not empty
     */
    public X509Certificate serverLeaf(Collection<String> names, PublicKey key, Instant now) {
        return CertificateFactory.serverLeaf(names, key, identity, now);
    }

    /**
     * A client certificate, valid 30 days.
     *
     * @param device becomes the subject's common name, at most 64 characters
     */
    public X509Certificate clientCertificate(String device, PublicKey key, Instant now) {
        return CertificateFactory.client(device, key, identity, now);
    }
}
