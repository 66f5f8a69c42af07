// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies.bundle;

import dev.chaperone.model.sync.PolicyBundle;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.util.Base64;
import java.util.List;

/** Puts a bundle into a signed envelope. Thread-safe. */
public final class BundleSigner {
    private final KeyPair keys;

    /**
     * @param keys Ed25519, as {@link BundleKeys#generate} makes them
     */
    public BundleSigner(KeyPair keys) {
        this.keys = keys;
    }

    /** JSON of the {@link PolicyBundle.Envelope} around the bundle: what devices get. */
    public byte[] sign(PolicyBundle bundle) {
        byte[] payload = BundleJson.MAPPER.writeValueAsBytes(bundle);
        byte[] signature = sign(Dsse.preAuthenticationEncoding(PolicyBundle.TYPE, payload));
        Base64.Encoder base64 = Base64.getEncoder();
        return BundleJson.MAPPER.writeValueAsBytes(
                new PolicyBundle.Envelope(
                        base64.encodeToString(payload),
                        PolicyBundle.TYPE,
                        List.of(
                                new PolicyBundle.Signature(
                                        BundleKeys.id(keys.getPublic()),
                                        base64.encodeToString(signature)))));
    }

    private byte[] sign(byte[] bytes) {
        try {
            Signature signature = Signature.getInstance(BundleKeys.ALGORITHM);
            signature.initSign(keys.getPrivate());
            signature.update(bytes);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the signing key cannot sign", e);
        }
    }
}
