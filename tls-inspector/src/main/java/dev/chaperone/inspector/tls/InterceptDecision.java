// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.tls;

import dev.chaperone.model.service.AiService;

/** What becomes of a connection; each with the reason that {@code hosts} and the event tell. */
public sealed interface InterceptDecision {
    /** Copy bytes, look at nothing. */
    record Tunnel(Reason reason) implements InterceptDecision {}

    /** Decrypt. */
    record Intercept(AiService service) implements InterceptDecision {}

    /** Decrypt only to add a tenant header; body neither parsed nor recorded. */
    record InjectOnly(String header) implements InterceptDecision {}

    /** Close. */
    record Refuse(Reason reason) implements InterceptDecision {}

    /** Why a connection is not opened. */
    enum Reason {
        NOT_LISTED,
        NEVER_DECRYPT,
        CLOSED_BY_DEFAULT,
        CLOSED_BY_POLICY,
        NO_LITERAL_NAME,
        NOT_TLS,
        NAME_MISMATCH,
        OWN_PORT
    }
}
