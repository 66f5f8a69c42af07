// SPDX-License-Identifier: Apache-2.0
/**
 * What the agent and a user interface say to each other (DESIGN §4.5): JSON-RPC 2.0 over a Unix
 * domain socket, one object a line. Every text here comes from a person's prompt: it goes to that
 * person's own interfaces only, and never into a log.
 */
@NullMarked
package dev.chaperone.model.ipc;

import org.jspecify.annotations.NullMarked;
