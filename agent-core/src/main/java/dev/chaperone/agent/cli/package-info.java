// SPDX-License-Identifier: Apache-2.0
/**
 * The command line, one file a command. Prints for people, or JSON for programs; never decides
 * anything itself.
 */
@NullMarked
package dev.chaperone.agent.cli;

import org.jspecify.annotations.NullMarked;
