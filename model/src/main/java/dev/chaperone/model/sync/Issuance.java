// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.sync;

import java.util.List;

/**
 * How a device comes to the certificates it opens AI services with (DESIGN §4.7, docs/adr/0015):
 * part of {@link Enrolment}, and {@code POST /v1/certificates} on the agents' listener. No key but
 * the device's own ever lies on the device.
 */
public final class Issuance {
    private Issuance() {}

    /**
     * What a device asks.
     *
     * @param csr PKCS#10 request (RFC 2986) of the one key that will sign the device's leaves, PEM
     * @param services what the device opens by its catalogue and policy, each id once; the server
     *     does not believe it
     */
    public record Request(String csr, List<Service> services) {
        public Request {
            services = List.copyOf(services);
        }

        @Override
        public String toString() {
            return "Issuance.Request[" + services.size() + " services]";
        }
    }

    /**
     * The names of one service.
     *
     * @param id catalogue id
     * @param hosts exact names and {@code *.suffix}, lower case
     */
    public record Service(String id, List<String> hosts) {
        public Service {
            hosts = List.copyOf(hosts);
        }
    }

    /**
     * What it gets.
     *
     * @param intermediates one for each service of which the server opens a host
     * @param chain what a TLS server presents between an intermediate and the root, PEM, signer
     *     first; empty when the root signs itself
     * @param roots what clients must trust, PEM, each one certificate: first the root of these
     *     intermediates, then the one that follows or went before
     * @param refused names that were asked for and not signed
     * @param state changes when the same question would be answered otherwise; at most 64
     *     characters
     */
    public record Answer(
            List<Intermediate> intermediates,
            String chain,
            List<String> roots,
            List<Refused> refused,
            String state) {
        public Answer {
            intermediates = List.copyOf(intermediates);
            roots = List.copyOf(roots);
            refused = List.copyOf(refused);
        }
    }

    /**
     * A certificate of the device's key, constrained to the names of one service.
     *
     * @param service catalogue id
     * @param certificate PEM
     */
    public record Intermediate(String service, String certificate) {}

    /**
     * A name that is not opened.
     *
     * @param service as asked
     * @param host as asked
     * @param reason {@code unknown-service}, {@code closed}, {@code not-of-service}, {@code
     *     never-decrypted} or {@code no-name}
     */
    public record Refused(String service, String host, String reason) {}
}
