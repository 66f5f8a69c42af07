// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.pki;

import java.security.KeyPair;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;

/** The stand-alone root of one device: its key signs intermediates and nothing else. */
public final class DeviceRoot implements IssuingRoot {
    private final SigningIdentity identity;

    private DeviceRoot(SigningIdentity identity) {
        this.identity = identity;
    }

    /** Makes a new root, valid ten years. */
    public static DeviceRoot create(String organisation, Instant now) {
        KeyPair pair = Keys.generate();
        return new DeviceRoot(
                new SigningIdentity(
                        CertificateFactory.root(
                                organisation, "device", pair.getPublic(), pair.getPrivate(), now),
                        pair.getPrivate()));
    }

    /** Opens a root that was kept. */
    public static DeviceRoot of(SigningIdentity identity) {
        return new DeviceRoot(identity);
    }

    public SigningIdentity identity() {
        return identity;
    }

    @Override
    public X509Certificate certificate() {
        return identity.certificate();
    }

    @Override
    public X509Certificate signIntermediate(
            String serviceId, PublicKey key, Collection<String> hosts, Instant now) {
        return CertificateFactory.intermediate(serviceId, key, hosts, identity, now);
    }
}
