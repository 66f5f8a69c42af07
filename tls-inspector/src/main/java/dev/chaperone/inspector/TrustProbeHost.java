// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector;

/**
 * The host that the proxy answers for itself, so that any tool can be asked whether it trusts us
 * without a byte leaving the machine (ADR 0016). {@code GET https://NAME/TOKEN}, TOKEN being 40 hex
 * digits, is answered with {@link #ANSWER} and the token. RFC 6761 §6.4 reserves {@code .invalid}:
 * no server can ever have the name.
 */
public final class TrustProbeHost {
    public static final String NAME = "trust-probe.chaperone.invalid";
    public static final int PORT = 443;

    /** Stands before the token in every answer but git's. */
    public static final String ANSWER = "chaperone-trust-probe ";

    /** The only reference that git sees there. */
    public static final String BRANCH = "trust-probe";

    /** Whose intermediate signs for it; no service has this id. */
    public static final String ISSUER = "trust-probe";

    private TrustProbeHost() {}
}
