// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server;

import dev.chaperone.pki.Keys;
import dev.chaperone.pki.Pem;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;

/** A company's own PKI, which signs what it is asked to, or something else. */
final class CompanyCa {
    private static final X500Name NAME = new X500Name("O=Acme,CN=Acme Root");

    private final KeyPair keys = Keys.generate();
    private final Instant now;
    final X509Certificate root;

    CompanyCa(Instant now) throws Exception {
        this.now = now;
        this.root =
                sign(
                        NAME,
                        SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded()),
                        new Wish().life(Duration.ofDays(3650)).pathlen(-1));
    }

    /** What the certificate is to be; at first as it should. */
    static final class Wish {
        private boolean ca = true;
        private int pathlen = 1;
        private int usage = KeyUsage.keyCertSign | KeyUsage.cRLSign;
        private Duration life = Duration.ofDays(1000);
        private KeyPurposeId purpose = KeyPurposeId.id_kp_serverAuth;
        private String onlyBelow = "";

        Wish notCa() {
            ca = false;
            return this;
        }

        Wish pathlen(int length) {
            pathlen = length;
            return this;
        }

        Wish usage(int bits) {
            usage = bits;
            return this;
        }

        Wish life(Duration of) {
            life = of;
            return this;
        }

        Wish purpose(KeyPurposeId id) {
            purpose = id;
            return this;
        }

        Wish onlyBelow(String domain) {
            onlyBelow = domain;
            return this;
        }
    }

    /** Signs a request. */
    X509Certificate sign(String csr, Wish wish) throws Exception {
        PKCS10CertificationRequest request =
                new PKCS10CertificationRequest(
                        Base64.getMimeDecoder().decode(csr.replaceAll("-----[A-Z ]+-----", "")));
        return sign(request.getSubject(), request.getSubjectPublicKeyInfo(), wish);
    }

    private X509Certificate sign(X500Name subject, SubjectPublicKeyInfo key, Wish wish)
            throws Exception {
        X509v3CertificateBuilder b =
                new X509v3CertificateBuilder(
                        NAME,
                        BigInteger.valueOf(System.nanoTime()),
                        Date.from(now.minus(Duration.ofDays(1))),
                        Date.from(now.plus(wish.life)),
                        subject,
                        key);
        b.addExtension(
                Extension.basicConstraints,
                true,
                wish.ca && wish.pathlen >= 0
                        ? new BasicConstraints(wish.pathlen)
                        : new BasicConstraints(wish.ca));
        b.addExtension(Extension.keyUsage, true, new KeyUsage(wish.usage));
        b.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(wish.purpose));
        if (!wish.onlyBelow.isEmpty()) {
            GeneralSubtree[] permitted = {
                new GeneralSubtree(new GeneralName(GeneralName.dNSName, wish.onlyBelow))
            };
            b.addExtension(Extension.nameConstraints, true, new NameConstraints(permitted, null));
        }
        return new JcaX509CertificateConverter()
                .getCertificate(
                        b.build(
                                new JcaContentSignerBuilder("SHA256withECDSA")
                                        .build(keys.getPrivate())));
    }

    /** The body of an import. */
    String body(X509Certificate... certificates) {
        StringBuilder pem = new StringBuilder();
        for (X509Certificate certificate : certificates) {
            pem.append(Pem.encode(certificate));
        }
        return TestServer.JSON.writeValueAsString(java.util.Map.of("certificates", pem.toString()));
    }
}
