// SPDX-License-Identifier: Apache-2.0
/** People pause the inspection of their own connections, where policy lets them (ADR 0024). */
@NullMarked
package dev.chaperone.agent.pause;

import org.jspecify.annotations.NullMarked;
