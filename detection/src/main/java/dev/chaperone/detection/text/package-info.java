// SPDX-License-Identifier: Apache-2.0
/**
 * The text as detectors read it: normalised, decoded, with every offset mapped back to the
 * original.
 */
@NullMarked
package dev.chaperone.detection.text;

import org.jspecify.annotations.NullMarked;
