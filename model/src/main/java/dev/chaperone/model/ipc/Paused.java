// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.ipc;

import java.time.Instant;

/**
 * Result of {@link Ipc#PAUSE}.
 *
 * @param until when inspection goes on by itself
 */
public record Paused(Instant until) {}
