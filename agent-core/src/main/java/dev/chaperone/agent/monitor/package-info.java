// SPDX-License-Identifier: Apache-2.0
/**
 * The agent's side of the passive monitor: starts its process when policy asks for it, finds out
 * whose connection was seen and counts it. docs/adr/0020.
 */
@NullMarked
package dev.chaperone.agent.monitor;

import org.jspecify.annotations.NullMarked;
