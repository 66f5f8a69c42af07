// SPDX-License-Identifier: Apache-2.0
/** Liveness and figures on a loopback port, for monitoring; off by default. */
@NullMarked
package dev.chaperone.agent.health;

import org.jspecify.annotations.NullMarked;
