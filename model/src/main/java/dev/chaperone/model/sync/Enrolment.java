// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.sync;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/** {@code POST /v1/enroll} on the console listener, {@code POST /v1/renew} on the agents' one. */
public final class Enrolment {
    private Enrolment() {}

    /**
     * What a device asks.
     *
     * @param token the secret of the {@link EnrolmentToken}; empty for a renewal, which the client
     *     certificate authorises
     * @param csr PKCS#10 request (RFC 2986) of the device's key, PEM; the server chooses the
     *     subject
     * @param host the device's host name
     * @param os {@code linux}, {@code windows} or {@code macos}
     * @param version the agent's version
     * @param issuing what the device would open services with; null at a renewal, and from an agent
     *     that keeps its own root
     */
    public record Request(
            String token,
            String csr,
            String host,
            String os,
            String version,
            Issuance.@Nullable Request issuing) {
        /** For a renewal, or without intermediates. */
        public Request(String token, String csr, String host, String os, String version) {
            this(token, csr, host, os, version, null);
        }

        /** Without the secret. */
        @Override
        public String toString() {
            return "Enrolment.Request[" + os + ", " + version + "]";
        }
    }

    /**
     * What it gets.
     *
     * @param device id of the device, UUID
     * @param group the group of the token
     * @param certificate the client certificate and its issuers, PEM; 30 days
     * @param ca the server's CA certificate, PEM; the only anchor of later connections
     * @param agents base address of the agents' listener
     * @param policyKey Ed25519 public key that signs bundles, base64 of its subject public key info
     * @param issuance the device's intermediates; null when none were asked for, and from a server
     *     that has no root: the device then keeps its own
     */
    public record Answer(
            String device,
            @Nullable String group,
            String certificate,
            String ca,
            URI agents,
            String policyKey,
            Issuance.@Nullable Answer issuance) {
        /** Without intermediates. */
        public Answer(
                String device,
                @Nullable String group,
                String certificate,
                String ca,
                URI agents,
                String policyKey) {
            this(device, group, certificate, ca, agents, policyKey, null);
        }
    }
}
