// SPDX-License-Identifier: Apache-2.0
/**
 * Usage and leaks out of the roll-ups, with completeness and a minimum group size (DESIGN §2 rule
 * 10).
 */
@NullMarked
package dev.chaperone.server.report;

import org.jspecify.annotations.NullMarked;
