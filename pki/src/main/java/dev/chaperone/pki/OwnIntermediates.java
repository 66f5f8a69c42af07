// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.pki;

import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Intermediates under a root at hand: made when first asked for, each with a key of its own. */
final class OwnIntermediates implements IntermediateSource {
    private static final Duration RENEW = Duration.ofDays(30);

    private record Made(Set<String> hosts, Intermediate intermediate) {}

    private final IssuingRoot root;
    private final ConcurrentHashMap<String, Made> made = new ConcurrentHashMap<>();

    OwnIntermediates(IssuingRoot root) {
        this.root = root;
    }

    @Override
    public Optional<Intermediate> intermediate(
            String serviceId, Collection<String> hosts, String host, Instant now) {
        Set<String> names = Set.copyOf(hosts);
        return Optional.of(
                made.compute(
                                serviceId,
                                (_, known) ->
                                        known != null
                                                        && known.hosts().equals(names)
                                                        && lasts(known, now.plus(RENEW))
                                                ? known
                                                : new Made(names, make(serviceId, hosts, now)))
                        .intermediate());
    }

    private static boolean lasts(Made known, Instant until) {
        return known.intermediate()
                .identity()
                .certificate()
                .getNotAfter()
                .toInstant()
                .isAfter(until);
    }

    private Intermediate make(String serviceId, Collection<String> hosts, Instant now) {
        KeyPair pair = Keys.generate();
        X509Certificate certificate =
                root.signIntermediate(serviceId, pair.getPublic(), hosts, now);
        return new Intermediate(new SigningIdentity(certificate, pair.getPrivate()), List.of());
    }

    @Override
    public List<X509Certificate> authorities() {
        return List.of(root.certificate());
    }
}
