// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.pki;

import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;

/**
 * Signs the intermediates of a whole fleet (DESIGN §4.7, docs/adr/0015): a root of its own, or an
 * intermediate of the company's PKI. Its key lies on the server and signs nothing else.
 */
public final class OrganisationRoot implements IssuingRoot {
    private final SigningIdentity identity;
    private final List<X509Certificate> above;

    private OrganisationRoot(SigningIdentity identity, List<X509Certificate> above) {
        this.identity = identity;
        this.above = List.copyOf(above);
    }

    /** Makes a root, valid ten years. */
    public static OrganisationRoot create(String organisation, Instant now) {
        KeyPair pair = Keys.generate();
        X509Certificate root =
                CertificateFactory.root(
                        organisation, "organisation", pair.getPublic(), pair.getPrivate(), now);
        return new OrganisationRoot(new SigningIdentity(root, pair.getPrivate()), List.of());
    }

    /**
     * Opens one that was kept.
     *
     * @param chain {@link #chain}
     */
    public static OrganisationRoot of(PrivateKey key, List<X509Certificate> chain) {
        return new OrganisationRoot(
                new SigningIdentity(chain.getFirst(), key), chain.subList(1, chain.size()));
    }

    /**
     * Takes what a company's CA signed for a request of ours.
     *
     * @param key of the request
     * @param publicKey of the request
     * @param given the certificate and its issuers up to the company's root, in any order
     * @param host a host that device certificates will have to vouch for
     * @throws PkiException with one line that says what is wrong with them
     */
    public static OrganisationRoot imported(
            PrivateKey key,
            PublicKey publicKey,
            Collection<X509Certificate> given,
            String host,
            Instant now) {
        List<X509Certificate> chain = CompanyChain.order(publicKey, given);
        CompanyChain.requireFit(chain, now);
        OrganisationRoot root = of(key, chain);
        CompanyChain.requireDeviceChains(root, host, now);
        return root;
    }

    /** The certificate that clients must trust: the company's root, or this one. */
    @Override
    public X509Certificate certificate() {
        return above.isEmpty() ? identity.certificate() : above.getLast();
    }

    /** The certificate whose key signs. */
    public SigningIdentity identity() {
        return identity;
    }

    /** The signing certificate first, the root last; one certificate when they are the same. */
    public List<X509Certificate> chain() {
        List<X509Certificate> all = new ArrayList<>();
        all.add(identity.certificate());
        all.addAll(above);
        return all;
    }

    /** What a device presents after its intermediate: the chain without the root. */
    public List<X509Certificate> presented() {
        List<X509Certificate> all = chain();
        return List.copyOf(all.subList(0, all.size() - 1));
    }

    @Override
    public X509Certificate signIntermediate(
            String serviceId, PublicKey key, Collection<String> hosts, Instant now) {
        return CertificateFactory.intermediate(serviceId, key, hosts, identity, now);
    }

    /** SHA-256 of a certificate, 64 lower-case hex digits, as browsers and MDM consoles show it. */
    public static String fingerprint(X509Certificate certificate) {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
        } catch (NoSuchAlgorithmException | CertificateEncodingException e) {
            throw new PkiException("a certificate cannot be hashed", e);
        }
    }
}
