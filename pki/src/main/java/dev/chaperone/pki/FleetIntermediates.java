// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.pki;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.NameConstraints;

/**
 * Intermediates that an organisation signed for the one key of a device (docs/adr/0015). Verified
 * as a whole before any is used. Immutable and thread-safe.
 */
public final class FleetIntermediates implements IntermediateSource {
    private static final int KEY_CERT_SIGN = 5; // X509Certificate.getKeyUsage
    private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";

    private record Signed(Set<String> permitted, Intermediate intermediate) {}

    private final Map<String, Signed> services;
    private final X509Certificate signer;
    private final X509Certificate root;

    private FleetIntermediates(
            Map<String, Signed> services, X509Certificate signer, X509Certificate root) {
        this.services = Map.copyOf(services);
        this.signer = signer;
        this.root = root;
    }

    /**
     * Takes what a server signed.
     *
     * @param key the device's key
     * @param asked service → names that were asked for
     * @param signed service → its certificate
     * @param between what stands between them and the root, signer first; may be empty
     * @param root what clients trust
     * @throws PkiException with one line, when anything of it is not as it must be
     */
    public static FleetIntermediates verified(
            KeyPair key,
            Map<String, ? extends Collection<String>> asked,
            Map<String, X509Certificate> signed,
            List<X509Certificate> between,
            X509Certificate root,
            Instant now) {
        X509Certificate signer = between.isEmpty() ? root : between.getFirst();
        Map<String, Signed> services = new HashMap<>();
        signed.forEach((service, certificate) -> {
            Set<String> permitted = constrained(service, certificate);
            Set<String> wanted =
                    asked.containsKey(service)
                            ? asked.get(service).stream()
                                    .map(FleetIntermediates::bare)
                                    .collect(Collectors.toSet())
                            : Set.of();
            if (!wanted.containsAll(permitted)) {
                throw refused(service, "vouches for names that were not asked for");
            }
            if (!certificate.getPublicKey().equals(key.getPublic())) {
                throw refused(service, "is for another key");
            }
            try {
                certificate.verify(signer.getPublicKey());
            } catch (GeneralSecurityException e) {
                throw new PkiException(
                        "the certificate of " + service + " is not signed by the organisation", e);
            }
            services.put(
                    service,
                    new Signed(
                            permitted,
                            new Intermediate(
                                    new SigningIdentity(certificate, key.getPrivate()), between)));
        });
        services.values().stream().findAny().ifPresent(any -> requirePath(any, between, root, now));
        return new FleetIntermediates(services, signer, root);
    }

    /** Permitted names of a certificate that has the whole profile of DESIGN §4.7. */
    private static Set<String> constrained(String service, X509Certificate certificate) {
        Set<String> permitted = new HashSet<>();
        int addresses = 0;
        try {
            boolean[] usage = certificate.getKeyUsage();
            if (certificate.getBasicConstraints() != 0
                    || usage == null
                    || !usage[KEY_CERT_SIGN]
                    || !List.of(SERVER_AUTH).equals(certificate.getExtendedKeyUsage())) {
                throw refused(service, "is no CA for TLS servers with pathlen 0");
            }
            byte[] extension = certificate.getExtensionValue(Extension.nameConstraints.getId());
            if (extension == null
                    || !certificate
                            .getCriticalExtensionOIDs()
                            .contains(Extension.nameConstraints.getId())) {
                throw refused(service, "has no critical name constraints");
            }
            NameConstraints constraints =
                    NameConstraints.getInstance(ASN1OctetString.getInstance(extension).getOctets());
            for (GeneralSubtree tree : subtrees(constraints.getPermittedSubtrees())) {
                if (tree.getBase().getTagNo() == GeneralName.dNSName) {
                    permitted.add(tree.getBase().getName().toString());
                }
            }
            for (GeneralSubtree tree : subtrees(constraints.getExcludedSubtrees())) {
                if (tree.getBase().getTagNo() == GeneralName.iPAddress) {
                    addresses++;
                }
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw refused(service, "cannot be read");
        }
        if (permitted.isEmpty() || permitted.contains("") || addresses < 2) {
            throw refused(service, "has name constraints that do not bind it");
        }
        return Set.copyOf(permitted);
    }

    private static List<GeneralSubtree> subtrees(GeneralSubtree[] trees) {
        return trees == null ? List.of() : Arrays.asList(trees);
    }

    /** One leaf all the way, as a client will see it: the chain above is the same for all. */
    private static void requirePath(
            Signed any, List<X509Certificate> between, X509Certificate root, Instant now) {
        X509Certificate intermediate = any.intermediate.identity().certificate();
        X509Certificate leaf =
                CertificateFactory.leaf(
                        any.permitted.iterator().next(),
                        intermediate.getPublicKey(),
                        any.intermediate.identity(),
                        now);
        List<X509Certificate> path = new ArrayList<>(List.of(leaf, intermediate));
        path.addAll(between);
        try {
            Paths.validate(path, root, now);
        } catch (GeneralSecurityException e) {
            throw new PkiException("the organisation's chain does not hold: " + Paths.reason(e), e);
        }
    }

    private static String bare(String name) {
        return name.startsWith("*.") ? name.substring(2) : name;
    }

    private static PkiException refused(String service, String why) {
        return new PkiException("the certificate of " + service + " " + why, null);
    }

    @Override
    public Optional<Intermediate> intermediate(
            String serviceId, Collection<String> hosts, String host, Instant now) {
        Signed signed = services.get(serviceId);
        if (signed == null || !covers(signed.permitted, host)) {
            return Optional.empty();
        }
        X509Certificate certificate = signed.intermediate.identity().certificate();
        return now.isBefore(certificate.getNotAfter().toInstant())
                ? Optional.of(signed.intermediate)
                : Optional.empty();
    }

    private static boolean covers(Set<String> permitted, String host) {
        for (int at = 0; at >= 0; at = next(host, at)) {
            if (permitted.contains(host.substring(at))) {
                return true;
            }
        }
        return false;
    }

    private static int next(String host, int at) {
        int dot = host.indexOf('.', at);
        return dot < 0 ? -1 : dot + 1;
    }

    /** When the first of them ends; empty when there is none. */
    public Optional<Instant> expires() {
        return services.values().stream()
                .map(s -> s.intermediate.identity().certificate().getNotAfter().toInstant())
                .min(Instant::compareTo);
    }

    public int size() {
        return services.size();
    }

    /** What clients must trust. */
    public X509Certificate root() {
        return root;
    }

    /**
     * The certificate that signs intermediates. A company's root above it is not ours alone: what
     * it signed for others stays trusted.
     */
    @Override
    public List<X509Certificate> authorities() {
        return List.of(signer);
    }
}
