// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.pki;

import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXReason;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Path validation (RFC 5280 §6) at a given time; revocation is not looked at. */
final class Paths {
    private Paths() {}

    /**
     * Validates.
     *
     * @param path end entity first, without the root
     */
    static void validate(List<X509Certificate> path, X509Certificate root, Instant now)
            throws GeneralSecurityException {
        PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(root, null)));
        parameters.setRevocationEnabled(false);
        parameters.setDate(Date.from(now));
        try {
            var ignored =
                    CertPathValidator.getInstance("PKIX")
                            .validate(
                                    CertificateFactory.getInstance("X.509").generateCertPath(path),
                                    parameters);
        } catch (RuntimeException e) {
            // JDK 25 throws one where the permitted names of two CAs have nothing in common
            // (sun.security.x509.GeneralSubtrees.createWidestSubtree).
            throw new CertPathValidatorException(
                    "name constraints", e, null, -1, PKIXReason.INVALID_NAME);
        }
    }

    /** In words, for one line. */
    static String reason(GeneralSecurityException e) {
        return e instanceof CertPathValidatorException path
                ? path.getReason().toString().toLowerCase(Locale.ROOT).replace('_', ' ')
                : "it cannot be read";
    }
}
