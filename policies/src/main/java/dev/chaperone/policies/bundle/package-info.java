// SPDX-License-Identifier: Apache-2.0
/**
 * Signing and verifying of policy bundles (DESIGN §4.3): DSSE envelopes with Ed25519, bytes in and
 * values out. The server signs, the agent verifies. Reads no clock and keeps no state.
 */
@NullMarked
package dev.chaperone.policies.bundle;

import org.jspecify.annotations.NullMarked;
