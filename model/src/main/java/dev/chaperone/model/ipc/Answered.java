// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.ipc;

import java.util.UUID;

/**
 * Result of {@link Ipc#ANSWER}.
 *
 * @param id the question
 * @param held true if a request waited and goes on now; false if the answer holds for its next try
 */
public record Answered(UUID id, boolean held) {}
