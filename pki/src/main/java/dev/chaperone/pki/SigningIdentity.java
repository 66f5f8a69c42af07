// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.pki;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;

/**
 * A certificate together with its private key.
 *
 * @param certificate the certificate
 * @param key its private key, EC P-256
 */
public record SigningIdentity(X509Certificate certificate, PrivateKey key) {
    /** Hides the key. */
    @Override
    public String toString() {
        return "SigningIdentity[" + certificate.getSubjectX500Principal() + "]";
    }
}
