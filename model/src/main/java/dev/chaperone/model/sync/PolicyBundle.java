// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.sync;

import java.time.Instant;

/**
 * The payload of a policy bundle (DESIGN §4.3). Its exact bytes are signed; {@code GET /v1/policy}
 * on the agents' listener answers with the {@link Envelope} around them, or 404 while none is
 * published.
 *
 * @param version monotone per signing key, from 1; a device never goes back
 * @param issued when it was signed
 * @param expires when a device must no longer take it for current
 * @param policy the policy document, YAML
 */
public record PolicyBundle(long version, Instant issued, Instant expires, String policy) {
    /** The payload type of {@link Envelope}: with the version of this form. */
    public static final String TYPE = "application/vnd.chaperone.policy-bundle.v1+json";

    /**
     * A DSSE envelope (secure-systems-lab/dsse, v1.0.2).
     *
     * @param payload base64 of the exact bytes
     * @param payloadType {@link #TYPE}
     * @param signatures at least one
     */
    public record Envelope(
            String payload, String payloadType, java.util.List<Signature> signatures) {
        public Envelope {
            signatures = java.util.List.copyOf(signatures);
        }
    }

    /**
     * One signature over the pre-authentication encoding.
     *
     * @param keyid SHA-256 of the key's subject public key info, hex
     * @param sig base64 of the Ed25519 signature (RFC 8032)
     */
    public record Signature(String keyid, String sig) {}
}
