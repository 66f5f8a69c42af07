// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.decision;

/** What became of a prompt. */
public enum Outcome {
    SENT,
    SENT_REDACTED,
    SENT_WITH_REASON,
    EDITED,
    CANCELLED,
    TIMED_OUT,
    BLOCKED
}
