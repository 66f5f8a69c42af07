// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import dev.chaperone.inspector.Replacement;
import java.util.List;

/**
 * The way back from a prompt's segments to the bytes they came from.
 *
 * <p>Thread-safe and immutable.
 */
public interface TextMap {
    /**
     * The same body with only these spans changed: escaped and encoded as at each place.
     *
     * @param replacements in any order; spans of one segment must not overlap
     * @throws RewriteException when a segment cannot be rewritten in place
     */
    byte[] rewrite(List<Replacement> replacements);
}
