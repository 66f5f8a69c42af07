// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.pki;

import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;

/**
 * Whoever signs a device's intermediates: the device's own root when stand-alone, the
 * organisation's root when enrolled.
 */
public interface IssuingRoot {
    /** The certificate that clients must trust. */
    X509Certificate certificate();

    /**
     * Signs an intermediate that can vouch for the named hosts and their subdomains only.
     *
     * @param serviceId names the intermediate
     * @param key the intermediate's public key
     * @param hosts permitted DNS names, lower case, not empty; {@code *.suffix} permits {@code
     *     suffix} and below
     * @param now the present
     */
    X509Certificate signIntermediate(
            String serviceId, PublicKey key, Collection<String> hosts, Instant now);
}
