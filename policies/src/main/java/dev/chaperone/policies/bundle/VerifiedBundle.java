// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies.bundle;

import dev.chaperone.model.sync.PolicyBundle;
import java.time.Instant;

/**
 * A bundle whose signature held.
 *
 * @param bundle the payload
 * @param keyId id of the key that signed it, as {@link BundleKeys#id}
 * @param digest SHA-256 of the payload's exact bytes, 64 hex digits: two bundles of one version
 *     with different digests are a fork
 */
public record VerifiedBundle(PolicyBundle bundle, String keyId, String digest) {
    /** What a device does with a bundle, given the last one that it verified under the same key. */
    public enum Step {
        /** Newer: take it. */
        FORWARD,
        /** The one that is known: nothing to do. */
        SAME,
        /** Older: refuse it. */
        ROLLED_BACK,
        /** The known version with other content: refuse it. */
        FORKED
    }

    /**
     * Compares with what a device has kept (DESIGN §4.3: monotone version per signing key).
     *
     * @param version last version verified under this key; 0 for none
     * @param knownDigest its digest; empty for none
     */
    public Step after(long version, String knownDigest) {
        if (bundle.version() != version) {
            return bundle.version() > version ? Step.FORWARD : Step.ROLLED_BACK;
        }
        return digest.equals(knownDigest) ? Step.SAME : Step.FORKED;
    }

    /** Whether it must no longer be taken for current. */
    public boolean expired(Instant now) {
        return !now.isBefore(bundle.expires());
    }
}
