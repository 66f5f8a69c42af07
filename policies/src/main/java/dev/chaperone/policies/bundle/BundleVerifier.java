// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies.bundle;

import dev.chaperone.model.sync.PolicyBundle;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * Opens a signed envelope. The signature over the exact bytes is checked before one of them is
 * parsed. Whether the bundle is newer than the last one and has not expired is the caller's to ask:
 * {@link VerifiedBundle#after}, {@link VerifiedBundle#expired}. Thread-safe.
 */
public final class BundleVerifier {
    /** Largest envelope that is read, bytes. */
    public static final int MAX_BYTES = 8 << 20;

    private static final int MAX_SIGNATURES = 16;
    private static final int MAX_KEYS = 16;

    private final List<PublicKey> trusted;

    /**
     * @param trusted Ed25519 keys of which one must have signed, at least one
     */
    public BundleVerifier(Collection<PublicKey> trusted) {
        if (trusted.isEmpty() || trusted.size() > MAX_KEYS) {
            throw new IllegalArgumentException("1 to " + MAX_KEYS + " trusted keys are needed");
        }
        this.trusted = List.copyOf(trusted);
    }

    /**
     * Verifies and parses.
     *
     * @param envelope JSON of a {@link PolicyBundle.Envelope}
     * @throws BundleException when it is malformed, of another type, or signed by no trusted key
     */
    public VerifiedBundle verify(byte[] envelope) throws BundleException {
        if (envelope.length > MAX_BYTES) {
            throw new BundleException("the envelope is larger than " + MAX_BYTES + " bytes");
        }
        PolicyBundle.Envelope outer = parse(envelope, PolicyBundle.Envelope.class, "envelope");
        if (!PolicyBundle.TYPE.equals(outer.payloadType())) {
            throw new BundleException("the payload type is not " + PolicyBundle.TYPE);
        }
        if (outer.signatures().size() > MAX_SIGNATURES) {
            throw new BundleException("more than " + MAX_SIGNATURES + " signatures");
        }
        byte[] payload = decode(outer.payload());
        if (payload == null) {
            throw new BundleException("the payload is not base64");
        }
        PublicKey signer = signer(outer, payload);
        if (signer == null) {
            throw new BundleException("no signature by a trusted key");
        }
        PolicyBundle bundle = parse(payload, PolicyBundle.class, "payload");
        if (bundle.version() < 1 || !bundle.issued().isBefore(bundle.expires())) {
            throw new BundleException("the payload's version or dates make no sense");
        }
        return new VerifiedBundle(bundle, BundleKeys.id(signer), BundleKeys.sha256(payload));
    }

    /** The key ids of an envelope are hints that nothing signs: every trusted key is tried. */
    private @Nullable PublicKey signer(PolicyBundle.Envelope envelope, byte[] payload) {
        byte[] signed = Dsse.preAuthenticationEncoding(PolicyBundle.TYPE, payload);
        for (PolicyBundle.Signature signature : envelope.signatures()) {
            byte[] bytes = decode(signature.sig());
            for (PublicKey key : trusted) {
                if (bytes != null && holds(key, signed, bytes)) {
                    return key;
                }
            }
        }
        return null;
    }

    private static boolean holds(PublicKey key, byte[] signed, byte[] signature) {
        try {
            Signature verifier = Signature.getInstance(BundleKeys.ALGORITHM);
            verifier.initVerify(key);
            verifier.update(signed);
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            return false; // a signature of another length throws
        }
    }

    /** Either alphabet: a verifier must accept both (DSSE, "base64"). Null when it is neither. */
    private static byte @Nullable [] decode(@Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            return Base64.getDecoder().decode(text.replace('-', '+').replace('_', '/'));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static <T> T parse(byte[] json, Class<T> type, String what) throws BundleException {
        try {
            T value = BundleJson.MAPPER.readValue(json, type);
            if (value != null && complete(value)) {
                return value;
            }
        } catch (JacksonException | NullPointerException e) {
            // Said below: their messages quote the input. A record's constructor throws the second
            // for a list that is missing.
        }
        throw new BundleException("the " + what + " is malformed");
    }

    private static boolean complete(Object value) {
        return switch (value) {
            case PolicyBundle b -> b.issued() != null && b.expires() != null && b.policy() != null;
            case PolicyBundle.Envelope e -> e.payloadType() != null;
            default -> true;
        };
    }
}
