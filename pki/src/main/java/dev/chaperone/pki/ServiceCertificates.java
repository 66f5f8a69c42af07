// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.pki;

import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The certificates of opened hosts: one leaf per host under the intermediate of its service, made
 * when first asked for and renewed in time. Thread-safe. Minting costs about 1 ms of CPU: call it
 * off the event loop.
 */
public final class ServiceCertificates {
    private static final Duration RENEW_LEAF = Duration.ofDays(7);

    private final IntermediateSource source;
    private final InstantSource clock;

    /**
     * One key for all leaves: a leaf's power is its name, and a new key a host would double the
     * cost of a cold start.
     */
    private final KeyPair leafKey = Keys.generate();

    private final ConcurrentHashMap<String, Leaf> leaves = new ConcurrentHashMap<>();

    /** With a root of its own at hand. */
    public ServiceCertificates(IssuingRoot root, InstantSource clock) {
        this(new OwnIntermediates(root), clock);
    }

    public ServiceCertificates(IntermediateSource source, InstantSource clock) {
        this.source = source;
        this.clock = clock;
    }

    /**
     * Whether {@link #leaf} has a chain for this host now. False only where somebody else signs the
     * intermediates and did not sign one for it: such a host is not opened.
     */
    public boolean vouches(String serviceId, Collection<String> serviceHosts, String host) {
        return source.intermediate(serviceId, serviceHosts, host, clock.instant()).isPresent();
    }

    /**
     * A leaf for one host of a service.
     *
     * @param serviceId the service
     * @param serviceHosts the service's literal hosts, not empty
     * @param host lower case; must be covered by {@code serviceHosts}, or clients will reject the
     *     chain
     * @throws PkiException when nobody signed an intermediate for the host
     */
    public Leaf leaf(String serviceId, Collection<String> serviceHosts, String host) {
        Instant now = clock.instant();
        return leaves.compute(
                serviceId + '/' + host,
                (_, known) -> {
                    IntermediateSource.Intermediate issuer =
                            source.intermediate(serviceId, serviceHosts, host, now)
                                    .orElseThrow(() ->
                                            new PkiException(
                                                    "no intermediate was signed for this host",
                                                    null));
                    if (known != null && serves(known, issuer, now)) {
                        return known;
                    }
                    X509Certificate leaf =
                            CertificateFactory.leaf(
                                    host, leafKey.getPublic(), issuer.identity(), now);
                    List<X509Certificate> chain = new ArrayList<>();
                    chain.add(leaf);
                    chain.add(issuer.identity().certificate());
                    chain.addAll(issuer.above());
                    return new Leaf(host, List.copyOf(chain), leafKey);
                });
    }

    /** A leaf goes with its intermediate, and no leaf outlives it. */
    private static boolean serves(Leaf known, IntermediateSource.Intermediate issuer, Instant now) {
        X509Certificate intermediate = issuer.identity().certificate();
        return known.chain().get(1).equals(intermediate)
                && (known.expires().isAfter(now.plus(RENEW_LEAF))
                        || known.expires().equals(intermediate.getNotAfter().toInstant()));
    }

    /** Authorities of ours, which no upstream may present. */
    public List<X509Certificate> authorities() {
        return source.authorities();
    }

    /**
     * What a TLS server presents for one host.
     *
     * @param host the only subject alternative name
     * @param chain leaf first, then the intermediate and what stands between it and the root; the
     *     root is what clients have
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
