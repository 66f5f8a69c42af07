// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.pki;

import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The certificates of opened hosts: one intermediate per service and one leaf per host, made when
 * first asked for and renewed in time. Thread-safe. Minting costs about 1 ms of CPU: call it off
 * the event loop.
 */
public final class ServiceCertificates {
    private static final Duration RENEW_INTERMEDIATE = Duration.ofDays(30);
    private static final Duration RENEW_LEAF = Duration.ofDays(7);

    private final IssuingRoot root;
    private final InstantSource clock;

    /**
     * One key for all leaves: a leaf's power is its name, and a new key a host would double the
     * cost of a cold start.
     */
    private final KeyPair leafKey = Keys.generate();

    private final ConcurrentHashMap<String, Intermediate> intermediates = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Leaf> leaves = new ConcurrentHashMap<>();

    public ServiceCertificates(IssuingRoot root, InstantSource clock) {
        this.root = root;
        this.clock = clock;
    }

    /**
     * A leaf for one host of a service.
     *
     * @param serviceId the service
     * @param serviceHosts the service's literal hosts, not empty
     * @param host lower case; must be covered by {@code serviceHosts}, or clients will reject the
     *     chain
     */
    public Leaf leaf(String serviceId, Collection<String> serviceHosts, String host) {
        Instant now = clock.instant();
        return leaves.compute(
                serviceId + '/' + host,
                (_, known) -> {
                    if (known != null && known.expires().isAfter(now.plus(RENEW_LEAF))) {
                        return known;
                    }
                    Intermediate issuer = intermediate(serviceId, serviceHosts, now);
                    X509Certificate leaf =
                            CertificateFactory.leaf(
                                    host, leafKey.getPublic(), issuer.identity(), now);
                    return new Leaf(host, List.of(leaf, issuer.identity().certificate()), leafKey);
                });
    }

    public X509Certificate rootCertificate() {
        return root.certificate();
    }

    private Intermediate intermediate(String serviceId, Collection<String> hosts, Instant now) {
        Set<String> names = Set.copyOf(hosts);
        return intermediates.compute(
                serviceId,
                (_, known) -> {
                    if (known != null
                            && known.hosts().equals(names)
                            && known.identity()
                                    .certificate()
                                    .getNotAfter()
                                    .toInstant()
                                    .isAfter(now.plus(RENEW_INTERMEDIATE))) {
                        return known;
                    }
                    KeyPair pair = Keys.generate();
                    X509Certificate certificate =
                            root.signIntermediate(serviceId, pair.getPublic(), hosts, now);
                    return new Intermediate(
                            names, new SigningIdentity(certificate, pair.getPrivate()));
                });
    }

    private record Intermediate(Set<String> hosts, SigningIdentity identity) {}

    /**
     * What a TLS server presents for one host.
     *
     * @param host the only subject alternative name
     * @param chain leaf first, then the intermediate; the root is what clients have
     * @param key the leaf's key pair
     */
    public record Leaf(String host, List<X509Certificate> chain, KeyPair key) {
        public Instant expires() {
            return chain.getFirst().getNotAfter().toInstant();
        }

        @Override
        public String toString() {
            return "Leaf[" + host + "]";
        }
    }
}
