// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.pki;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCS10CertificationRequestBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/**
 * Certification requests (PKCS #10, RFC 2986) for EC P-256 keys. The subject is empty: whoever
 * signs chooses it.
 */
public final class CertificateRequests {
    private static final String BEGIN = "-----BEGIN CERTIFICATE REQUEST-----";
    private static final String END = "-----END CERTIFICATE REQUEST-----";

    /** A request for a P-256 key is a fifth of this. */
    private static final int MAX_CHARS = 4096;

    private CertificateRequests() {}

    /** A request for a certificate of this key, PEM; signed with it as proof of possession. */
    public static String create(KeyPair keys) {
        return signed(
                new JcaPKCS10CertificationRequestBuilder(
                        new X500Name(new org.bouncycastle.asn1.x500.RDN[0]), keys.getPublic()),
                keys);
    }

    /**
     * A request for a CA certificate that may sign device intermediates, with the extensions that
     * are wanted (RFC 2985 §5.4.2): CA, pathlen 1, keyCertSign, serverAuth.
     *
     * @param organisation stands in the subject, which the company's CA may change
     */
    public static String createAuthority(KeyPair keys, String organisation) {
        try {
            ExtensionsGenerator wanted = new ExtensionsGenerator();
            wanted.addExtension(Extension.basicConstraints, true, new BasicConstraints(1));
            wanted.addExtension(
                    Extension.keyUsage,
                    true,
                    new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            wanted.addExtension(
                    Extension.extendedKeyUsage,
                    false,
                    new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
            return signed(
                    new JcaPKCS10CertificationRequestBuilder(
                                    CertificateFactory.name(
                                            organisation,
                                            CertificateFactory.rootName("organisation")
                                                    .replace(" root ", " issuing CA ")),
                                    keys.getPublic())
                            .addAttribute(
                                    PKCSObjectIdentifiers.pkcs_9_at_extensionRequest,
                                    wanted.generate()),
                    keys);
        } catch (IOException e) {
            throw new PkiException("a certification request cannot be made", e);
        }
    }

    private static String signed(PKCS10CertificationRequestBuilder request, KeyPair keys) {
        try {
            byte[] der =
                    request.build(
                                    new JcaContentSignerBuilder("SHA256withECDSA")
                                            .build(keys.getPrivate()))
                            .getEncoded();
            return BEGIN
                    + "\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                    + "\n"
                    + END
                    + "\n";
        } catch (OperatorCreationException | IOException e) {
            throw new PkiException("a certification request cannot be made", e);
        }
    }

    /**
     * The key of a request whose signature holds.
     *
     * @param pem the request
     * @throws PkiException when it cannot be read, is not for EC P-256, or was not signed with its
     *     own key; quotes nothing of it
     */
    public static PublicKey verify(String pem) {
        PKCS10CertificationRequest request = parse(pem);
        SubjectPublicKeyInfo info = request.getSubjectPublicKeyInfo();
        if (!X9ObjectIdentifiers.id_ecPublicKey.equals(info.getAlgorithm().getAlgorithm())
                || !(info.getAlgorithm().getParameters() instanceof ASN1ObjectIdentifier curve)
                || !SECObjectIdentifiers.secp256r1.equals(curve)) {
            throw new PkiException("the certification request is not for an EC P-256 key", null);
        }
        try {
            // The JDK's decoder rejects a point that is not on the curve.
            PublicKey key =
                    KeyFactory.getInstance("EC")
                            .generatePublic(new X509EncodedKeySpec(info.getEncoded()));
            if (request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
                return key;
            }
        } catch (GeneralSecurityException
                | IOException
                | OperatorCreationException
                | PKCSException
                | RuntimeException e) {
            // Said below: BouncyCastle throws unchecked on hostile structures as well.
        }
        throw new PkiException("the certification request was not signed with its own key", null);
    }

    private static PKCS10CertificationRequest parse(String pem) {
        int begin = pem.indexOf(BEGIN);
        int end = pem.indexOf(END);
        if (pem.length() <= MAX_CHARS && begin >= 0 && end > begin) {
            try {
                return new PKCS10CertificationRequest(
                        Base64.getMimeDecoder().decode(pem.substring(begin + BEGIN.length(), end)));
            } catch (IOException | RuntimeException e) {
                // Said below.
            }
        }
        throw new PkiException("the certification request cannot be read as PEM, PKCS #10", null);
    }
}
