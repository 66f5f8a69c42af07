// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.pki;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Judges what a company's CA signed before it is used: a chain that clients would reject must not
 * reach a single device. Every refusal is one line that names the certificate.
 */
final class CompanyChain {
    private static final int KEY_CERT_SIGN = 5; // X509Certificate.getKeyUsage
    private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    private static final String ANY_PURPOSE = "2.5.29.37.0";

    /** Device intermediates end with their issuer: less would break the days without a server. */
    private static final Duration LEAST_LIFE = Duration.ofDays(180);

    private CompanyChain() {}

    /** The certificate of the key, then its issuers, up to the root. */
    static List<X509Certificate> order(PublicKey key, Collection<X509Certificate> given) {
        X509Certificate at =
                given.stream()
                        .filter(c -> c.getPublicKey().equals(key))
                        .findFirst()
                        .orElseThrow(() ->
                                refused(
                                        "none of the certificates is for the key of the last request;"
                                                + " sign what 'admin root csr' wrote"));
        List<X509Certificate> chain = new ArrayList<>();
        chain.add(at);
        while (!signed(at, at)) {
            X509Certificate below = at;
            at =
                    given.stream()
                            .filter(c -> !chain.contains(c) && signed(below, c))
                            .findFirst()
                            .orElseThrow(() ->
                                    refused(
                                            "the issuer of "
                                                    + name(below)
                                                    + ", "
                                                    + below.getIssuerX500Principal().getName()
                                                    + ", is not among the certificates; give them all"
                                                    + " up to the root"));
            chain.add(at);
        }
        if (chain.size() == 1) {
            throw refused(name(at) + " is signed by itself, not by the company's CA");
        }
        return chain;
    }

    private static boolean signed(X509Certificate certificate, X509Certificate issuer) {
        if (!certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
            return false;
        }
        try {
            certificate.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** Each certificate by itself. */
    static void requireFit(List<X509Certificate> chain, Instant now) {
        for (int i = 0; i < chain.size(); i++) {
            X509Certificate ca = chain.get(i);
            int below = i + 1; // device intermediates stand below the first
            if (ca.getBasicConstraints() < 0) {
                throw refused(name(ca) + " is no CA certificate (basicConstraints CA:TRUE)");
            }
            if (ca.getBasicConstraints() < below) {
                throw refused(
                        name(ca)
                                + " allows too few CAs below it: pathlen "
                                + ca.getBasicConstraints()
                                + ", at least "
                                + below
                                + " is needed");
            }
            boolean[] usage = ca.getKeyUsage();
            if (usage != null && !usage[KEY_CERT_SIGN] || usage == null && i == 0) {
                throw refused(name(ca) + " may not sign certificates (keyUsage keyCertSign)");
            }
            if (!servesTls(ca)) {
                throw refused(
                        name(ca) + " allows no TLS servers (extendedKeyUsage without serverAuth)");
            }
            if (now.isBefore(ca.getNotBefore().toInstant())) {
                throw refused(name(ca) + " is not valid before " + ca.getNotBefore().toInstant());
            }
            if (now.isAfter(ca.getNotAfter().toInstant())) {
                throw refused(name(ca) + " expired on " + ca.getNotAfter().toInstant());
            }
            if (now.plus(LEAST_LIFE).isAfter(ca.getNotAfter().toInstant())) {
                throw refused(
                        name(ca)
                                + " ends on "
                                + ca.getNotAfter().toInstant()
                                + "; at least 180 days are needed");
            }
        }
    }

    private static boolean servesTls(X509Certificate ca) {
        try {
            List<String> purposes = ca.getExtendedKeyUsage();
            return purposes == null
                    || purposes.contains(SERVER_AUTH)
                    || purposes.contains(ANY_PURPOSE);
        } catch (CertificateParsingException e) {
            return false;
        }
    }

    /** The whole, with a device's intermediate and leaf below it, as a client will see it. */
    static void requireDeviceChains(OrganisationRoot root, String host, Instant now) {
        KeyPair probe = Keys.generate();
        X509Certificate intermediate =
                root.signIntermediate("probe", probe.getPublic(), List.of(host), now);
        X509Certificate leaf =
                CertificateFactory.leaf(
                        host,
                        probe.getPublic(),
                        new SigningIdentity(intermediate, probe.getPrivate()),
                        now);
        List<X509Certificate> path = new ArrayList<>(List.of(leaf, intermediate));
        path.addAll(root.presented());
        try {
            Paths.validate(path, root.certificate(), now);
        } catch (GeneralSecurityException e) {
            throw refused(
                    "clients would reject what "
                            + name(root.identity().certificate())
                            + " signs for a device: "
                            + Paths.reason(e));
        }
    }

    private static String name(X509Certificate certificate) {
        return "'" + certificate.getSubjectX500Principal().getName() + "'";
    }

    private static PkiException refused(String why) {
        return new PkiException(why, null);
    }
}
