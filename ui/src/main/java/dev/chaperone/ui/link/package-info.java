// SPDX-License-Identifier: Apache-2.0
/**
 * The interface's end of the link to the agent (DESIGN §4.5): JSON-RPC 2.0 over a Unix domain
 * socket, one object a line. Knows no window.
 */
@NullMarked
package dev.chaperone.ui.link;

import org.jspecify.annotations.NullMarked;
