// SPDX-License-Identifier: Apache-2.0
/**
 * The event store: SQLite on the device, one writer. Called by {@code PromptPipeline} and the
 * commands; never sees prompt text.
 */
@NullMarked
package dev.chaperone.agent.store;

import org.jspecify.annotations.NullMarked;
