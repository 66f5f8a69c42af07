// SPDX-License-Identifier: Apache-2.0
/** The agent's end of the link to user interfaces and to the command line (DESIGN §4.5). */
@NullMarked
package dev.chaperone.agent.ipc;

import org.jspecify.annotations.NullMarked;
