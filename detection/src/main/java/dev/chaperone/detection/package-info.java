// SPDX-License-Identifier: Apache-2.0
/**
 * Text in, findings and intent out. Called by agent-core for every prompt; knows no file, clock,
 * thread or logger.
 */
@NullMarked
package dev.chaperone.detection;

import org.jspecify.annotations.NullMarked;
