// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.pki;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Where the intermediates of opened services come from: a root at hand that signs them when they
 * are needed, or an organisation that signed them beforehand. Implementations are thread-safe.
 */
public interface IntermediateSource {
    /**
     * The intermediate of a service that is valid now and may vouch for a host.
     *
     * @param hosts the service's literal hosts, not empty
     * @param host lower case
     * @return empty when nobody signed one
     */
    Optional<Intermediate> intermediate(
            String serviceId, Collection<String> hosts, String host, Instant now);

    /** The certificates that sign intermediates here: never to be trusted upstream. */
    List<X509Certificate> authorities();

    /**
     * An intermediate with its key.
     *
     * @param identity signs leaves
     * @param above what a TLS server presents between it and the root; empty when the root signed
     *     it
     */
    record Intermediate(SigningIdentity identity, List<X509Certificate> above) {
        public Intermediate {
            above = List.copyOf(above);
        }
    }
}
