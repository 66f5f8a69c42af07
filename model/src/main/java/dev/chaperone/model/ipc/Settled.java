// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.ipc;

import java.time.Instant;
import java.util.UUID;

/**
 * How a question ended. Holds no text of the prompt.
 *
 * @param id the question
 * @param service the service's id
 * @param app the program that sent
 * @param rule the rule that asked
 * @param how how it ended
 * @param at when
 */
public record Settled(UUID id, String service, String app, String rule, How how, Instant at) {
    /** The ways a question ends. */
    public enum How {
        REDACTED,
        SENT,
        EDITED,
        CANCELLED,
        /** Nobody answered: the rule's {@code on-timeout}. */
        TIMED_OUT,
        /** The client went away; nothing was sent. */
        CLIENT_LEFT
    }
}
