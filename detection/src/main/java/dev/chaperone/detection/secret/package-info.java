// SPDX-License-Identifier: Apache-2.0
/** Detectors of credentials: keys, tokens, passwords, connection strings. */
@NullMarked
package dev.chaperone.detection.secret;

import org.jspecify.annotations.NullMarked;
