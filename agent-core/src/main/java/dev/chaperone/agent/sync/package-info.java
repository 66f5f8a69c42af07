// SPDX-License-Identifier: Apache-2.0
/**
 * The agent's side of the server (DESIGN §4.6, docs/adr/0008): enrolment, events up, policies down.
 * Everything that protects works without it.
 */
@NullMarked
package dev.chaperone.agent.sync;

import org.jspecify.annotations.NullMarked;
