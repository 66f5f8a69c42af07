// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.ipc;

import java.util.List;

/**
 * Result of {@link Ipc#LEDGER}: what is collected about a person, and what is not looked at. Texts
 * are in the reader's language.
 *
 * @param enforcement one sentence: since when decisions take effect, or from when they will
 * @param fields every field that is stored on the device or sent
 * @param optOuts every exception in force
 * @param redactedValues how many redacted values this device keeps for restoring answers; ≥ 0
 */
public record Ledger(
        String enforcement, List<Field> fields, List<OptOut> optOuts, long redactedValues) {
    public Ledger {
        fields = List.copyOf(fields);
        optOuts = List.copyOf(optOuts);
    }

    /**
     * One field.
     *
     * @param record what it is a part of, such as {@code event}
     * @param name its name in JSON
     * @param sent true if the company's server gets it; false if it stays on the device
     * @param what what it holds
     * @param purpose why it is kept
     * @param reader who can read it
     * @param expiry when it is deleted
     */
    public record Field(
            String record,
            String name,
            boolean sent,
            String what,
            String purpose,
            String reader,
            String expiry) {}

    /**
     * Something that is not enforced or not looked at.
     *
     * @param kind which sort of exception
     * @param name the rule, service or reason
     * @param says what it means
     * @param count how often it applied in the last 30 days; ≥ 0
     */
    public record OptOut(Kind kind, String name, String says, long count) {}

    /** Sorts of exceptions. */
    public enum Kind {
        /** Never opened or never judged, by policy. */
        EXEMPTION,
        /** A rule that only warns. */
        WARN_ONLY,
        /** Counted only, until the policy's notice date. */
        NOTICE_PERIOD,
        /** Passed without having been read. */
        NOT_INSPECTED
    }
}
