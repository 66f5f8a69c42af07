// SPDX-License-Identifier: Apache-2.0
/** Where the agent's log goes. */
@org.jspecify.annotations.NullMarked
package dev.chaperone.agent.log;
