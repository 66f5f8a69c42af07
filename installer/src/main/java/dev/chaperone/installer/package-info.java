// SPDX-License-Identifier: Apache-2.0
/**
 * What the packages change on a machine, each change with its undo: trust stores, browser policies,
 * proxy auto-configuration. Knows nothing of the agent.
 */
@NullMarked
package dev.chaperone.installer;

import org.jspecify.annotations.NullMarked;
