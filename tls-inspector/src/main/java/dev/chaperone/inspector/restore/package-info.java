// SPDX-License-Identifier: Apache-2.0
/**
 * Puts real values back in place of placeholders, in text that comes in pieces. Used by the
 * catalogue engine; knows no protocol.
 */
@NullMarked
package dev.chaperone.inspector.restore;

import org.jspecify.annotations.NullMarked;
