// SPDX-License-Identifier: Apache-2.0
/** The agent as a machine's service: its places, its part of the installation, its watchdog. */
@NullMarked
package dev.chaperone.agent.machine;

import org.jspecify.annotations.NullMarked;
