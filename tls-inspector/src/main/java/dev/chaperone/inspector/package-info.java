// SPDX-License-Identifier: Apache-2.0
/**
 * The TLS-intercepting proxy. agent-core starts {@code InspectingProxy} and implements {@link
 * dev.chaperone.inspector.PromptGate}. Knows neither detection nor policies.
 */
@NullMarked
package dev.chaperone.inspector;

import org.jspecify.annotations.NullMarked;
