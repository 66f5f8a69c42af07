// SPDX-License-Identifier: Apache-2.0
/**
 * Whether the developer tools of one person trust our root, shown by asking the tools themselves;
 * what makes them, and its undo (ADR 0016). Called by {@code chaperone trust}; knows nothing of
 * prompts and policies, changes nothing outside the person's home and switches no verification off.
 */
@NullMarked
package dev.chaperone.agent.trust;

import org.jspecify.annotations.NullMarked;
