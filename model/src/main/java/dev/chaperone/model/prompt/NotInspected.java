// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.prompt;

/**
 * A part of an exchange that nobody read; policy decides what becomes of it and it is always
 * counted (DESIGN §2 rule 12).
 *
 * @param reason why
 * @param code stable error code, {@code CHP-<area>-<nnn>}
 * @param bytes how much was not read, ≥ 0; 0 when unknown
 */
public record NotInspected(Reason reason, String code, long bytes) {
    /** Why content was not read. */
    public enum Reason {
        /** Larger than {@code max-inspected-body}. */
        OVERSIZE,
        /**
         * A content encoding, charset, framing or document that is not understood or is malformed.
         */
        UNREADABLE,
        /** No endpoint of the service matches on an opened host. */
        UNKNOWN_ENDPOINT,
        /** The service's notation is understood by a later version only. */
        NOT_BUILT
    }
}
