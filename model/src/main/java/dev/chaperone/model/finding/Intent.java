// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.finding;

/**
 * What the person wants to be served with.
 *
 * @param group one of the eight groups, or unknown
 * @param score the group's probability in [0, 1]
 */
public record Intent(Group group, double score) {
    public static final Intent UNKNOWN = new Intent(Group.UNKNOWN, 0);

    /** The intent groups that policies and reports use. */
    public enum Group {
        CODE,
        WRITING,
        ANALYSIS,
        RESEARCH,
        REGULATED,
        CUSTOMER,
        PERSONAL,
        RISK,
        /** A legal answer: too little text, or no group is likely enough. */
        UNKNOWN;

        /** The name used in policies, events and {@code classify}: lower case. */
        public String id() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }
}
