// SPDX-License-Identifier: Apache-2.0
/** The whole product: journeys, architecture, leaks. May see everything; nothing depends on it. */
@NullMarked
package dev.chaperone.verification;

import org.jspecify.annotations.NullMarked;
