// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.finding;

/** How a finding is known; the stronger evidence first. */
public enum Tier {
    /** A check digit, checksum or parse proves it. */
    VALIDATED,
    /** A structure that hardly anything else has, such as a vendor's token prefix. */
    STRUCTURED,
    /** A plausible value whose surroundings name it. */
    CONTEXTUAL,
    /** A trained model says so. */
    STATISTICAL
}
