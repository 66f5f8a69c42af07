// SPDX-License-Identifier: Apache-2.0
/**
 * Policy as code: YAML documents are parsed, checked and compiled, then judge what detection found.
 * Called by agent-core and the server. Pure: knows no files, clock, threads or detection.
 */
@NullMarked
package dev.chaperone.policies;

import org.jspecify.annotations.NullMarked;
