// SPDX-License-Identifier: Apache-2.0
/** When the agent started, stopped and was changed, in a log that shows tampering (ADR 0019). */
@NullMarked
package dev.chaperone.agent.lifecycle;

import org.jspecify.annotations.NullMarked;
