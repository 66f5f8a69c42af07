// SPDX-License-Identifier: Apache-2.0
/**
 * The catalogue's documents as values: loads the shipped service files and an administrator's own.
 * agent-core hands the result to tls-inspector. Bytes in, values out: no files but class-path
 * resources, no clock, no logger.
 */
@NullMarked
package dev.chaperone.policies.catalogue;

import org.jspecify.annotations.NullMarked;
