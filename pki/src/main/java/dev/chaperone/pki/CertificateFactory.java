// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.pki;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.IPAddress;
import org.jspecify.annotations.Nullable;

/** The certificate profiles of DESIGN §4.6 and §4.7, as RFC 5280 extensions. */
final class CertificateFactory {
    static final Duration ROOT_LIFE = Duration.ofDays(3650);
    static final Duration INTERMEDIATE_LIFE = Duration.ofDays(90);
    static final Duration LEAF_LIFE = Duration.ofDays(29);
    static final Duration CLIENT_LIFE = Duration.ofDays(30);

    /**
     * Clocks of virtual machines and phones differ: a certificate is valid a little before it was
     * made.
     */
    static final Duration BACKDATE = Duration.ofHours(12);

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int SERIAL_BITS = 127; // RFC 5280 §4.1.2.2: positive, at most 20 octets

    private CertificateFactory() {}

    /**
     * A root that signs intermediates.
     *
     * @param kind {@code device} or {@code organisation}
     */
    static X509Certificate root(
            String organisation, String kind, PublicKey key, PrivateKey signer, Instant now) {
        X500Name name = name(organisation, rootName(kind));
        X509v3CertificateBuilder b = builder(name, name, key, now, ROOT_LIFE);
        try {
            b.addExtension(Extension.basicConstraints, true, new BasicConstraints(1));
            b.addExtension(
                    Extension.keyUsage,
                    true,
                    new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            b.addExtension(
                    Extension.subjectKeyIdentifier, false, utils().createSubjectKeyIdentifier(key));
            return sign(b, signer);
        } catch (CertIOException e) {
            throw new PkiException("root", e);
        }
    }

    /** No two roots have one name: a client that knows both must find the right one. */
    static String rootName(String kind) {
        return "Chaperone " + kind + " root " + Long.toHexString(RANDOM.nextLong() >>> 32);
    }

    static X509Certificate intermediate(
            String serviceId,
            PublicKey key,
            Collection<String> hosts,
            SigningIdentity root,
            Instant now) {
        if (hosts.isEmpty()) {
            // Without a permitted name the intermediate could vouch for every host there is.
            throw new IllegalArgumentException(
                    "no literal host to constrain the intermediate of " + serviceId);
        }
        GeneralSubtree[] permitted =
                hosts.stream()
                        .map(h -> h.startsWith("*.") ? h.substring(2) : h)
                        .distinct()
                        .map(h -> new GeneralSubtree(new GeneralName(GeneralName.dNSName, h)))
                        .toArray(GeneralSubtree[]::new);
        GeneralSubtree[] excluded = {ipRange(8), ipRange(32)};
        X500Name issuer = subjectOf(root.certificate());
        X509v3CertificateBuilder b =
                builder(
                        issuer,
                        name("Chaperone", "Chaperone for " + serviceId),
                        key,
                        now,
                        within(root.certificate(), now, INTERMEDIATE_LIFE));
        try {
            b.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            b.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
            b.addExtension(
                    Extension.extendedKeyUsage,
                    false,
                    new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
            b.addExtension(
                    Extension.nameConstraints, true, new NameConstraints(permitted, excluded));
            b.addExtension(
                    Extension.subjectKeyIdentifier, false, utils().createSubjectKeyIdentifier(key));
            b.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    utils().createAuthorityKeyIdentifier(root.certificate().getPublicKey()));
            return sign(b, root.key());
        } catch (CertIOException e) {
            throw new PkiException("intermediate", e);
        }
    }

    static X509Certificate leaf(
            String host, PublicKey key, SigningIdentity intermediate, Instant now) {
        X509v3CertificateBuilder b =
                builder(
                        subjectOf(intermediate.certificate()),
                        name(
                                "Chaperone",
                                host.length() <= 64
                                        ? host
                                        : "opened host"), // RFC 5280: CN is at most 64 characters
                        key,
                        now,
                        within(intermediate.certificate(), now, LEAF_LIFE));
        try {
            b.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            b.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            b.addExtension(
                    Extension.extendedKeyUsage,
                    false,
                    new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
            b.addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(new GeneralName(GeneralName.dNSName, host)));
            b.addExtension(
                    Extension.subjectKeyIdentifier, false, utils().createSubjectKeyIdentifier(key));
            b.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    utils().createAuthorityKeyIdentifier(
                                    intermediate.certificate().getPublicKey()));
            return sign(b, intermediate.key());
        } catch (CertIOException e) {
            throw new PkiException("leaf", e);
        }
    }

    static X509Certificate serverCa(String organisation, KeyPair pair, Instant now) {
        X500Name name =
                name(
                        organisation,
                        "Chaperone server CA " + Long.toHexString(RANDOM.nextLong() >>> 32));
        X509v3CertificateBuilder b = builder(name, name, pair.getPublic(), now, ROOT_LIFE);
        try {
            b.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            b.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
            b.addExtension(
                    Extension.subjectKeyIdentifier,
                    false,
                    utils().createSubjectKeyIdentifier(pair.getPublic()));
            return sign(b, pair.getPrivate());
        } catch (CertIOException e) {
            throw new PkiException("server CA", e);
        }
    }

    static X509Certificate serverLeaf(
            Collection<String> names, PublicKey key, SigningIdentity ca, Instant now) {
        GeneralName[] alternatives =
                names.stream()
                        .distinct()
                        .map(n ->
                                new GeneralName(
                                        IPAddress.isValid(n)
                                                ? GeneralName.iPAddress
                                                : GeneralName.dNSName,
                                        n))
                        .toArray(GeneralName[]::new);
        return endEntity(
                "Chaperone server",
                KeyPurposeId.id_kp_serverAuth,
                new GeneralNames(alternatives),
                key,
                ca,
                now,
                LEAF_LIFE);
    }

    static X509Certificate client(String device, PublicKey key, SigningIdentity ca, Instant now) {
        return endEntity(
                device,
                KeyPurposeId.id_kp_clientAuth,
                null,
                key,
                ca,
                now,
                CLIENT_LIFE.plus(BACKDATE));
    }

    private static X509Certificate endEntity(
            String common,
            KeyPurposeId purpose,
            @Nullable GeneralNames names,
            PublicKey key,
            SigningIdentity ca,
            Instant now,
            Duration life) {
        X509v3CertificateBuilder b =
                builder(subjectOf(ca.certificate()), name("Chaperone", common), key, now, life);
        try {
            b.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            b.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            b.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
            if (names != null) {
                b.addExtension(Extension.subjectAlternativeName, false, names);
            }
            b.addExtension(
                    Extension.subjectKeyIdentifier, false, utils().createSubjectKeyIdentifier(key));
            b.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    utils().createAuthorityKeyIdentifier(ca.certificate().getPublicKey()));
            return sign(b, ca.key());
        } catch (CertIOException e) {
            throw new PkiException("end entity", e);
        }
    }

    /**
     * All addresses of one family: an address and a mask of the same size, both zero (RFC 5280
     * §4.2.1.10).
     */
    private static GeneralSubtree ipRange(int octets) {
        return new GeneralSubtree(
                new GeneralName(
                        GeneralName.iPAddress,
                        new org.bouncycastle.asn1.DEROctetString(new byte[octets])));
    }

    private static X509v3CertificateBuilder builder(
            X500Name issuer, X500Name subject, PublicKey key, Instant now, Duration life) {
        return new JcaX509v3CertificateBuilder(
                issuer,
                new BigInteger(SERIAL_BITS, RANDOM).setBit(SERIAL_BITS - 1),
                Date.from(now.minus(BACKDATE)),
                Date.from(now.minus(BACKDATE).plus(life)),
                subject,
                key);
    }

    /** A certificate that outlives its issuer only looks valid. */
    private static Duration within(X509Certificate issuer, Instant now, Duration life) {
        Duration left = Duration.between(now.minus(BACKDATE), issuer.getNotAfter().toInstant());
        return left.compareTo(life) < 0 ? left : life;
    }

    static X500Name name(String organisation, String common) {
        return new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.O, organisation)
                .addRDN(BCStyle.CN, common)
                .build();
    }

    private static X500Name subjectOf(X509Certificate certificate) {
        return X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
    }

    private static JcaX509ExtensionUtils utils() {
        try {
            return new JcaX509ExtensionUtils();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no SHA-1 for key identifiers", e);
        }
    }

    private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey signer) {
        try {
            var holder =
                    builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer));
            // The JDK's own class, so that no BouncyCastle object reaches a TLS engine.
            return (X509Certificate)
                    java.security.cert.CertificateFactory.getInstance("X.509")
                            .generateCertificate(
                                    new java.io.ByteArrayInputStream(holder.getEncoded()));
        } catch (OperatorCreationException | GeneralSecurityException | IOException e) {
            throw new PkiException("a certificate cannot be signed", e);
        }
    }
}
