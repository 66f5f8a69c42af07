// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.service;

/** How a fact of the catalogue is known. */
public enum Confidence {
    /** Read in client source or a published capture. */
    OBSERVED,
    /** Vendor documentation. */
    DOCUMENTED,
    /** Inferred: log only, never enforce on it alone. */
    GUESS;

    /** The catalogue's name: lower case. */
    public String id() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
