// SPDX-License-Identifier: Apache-2.0
/** WebSocket frames, relayed one by one. */
@NullMarked
package dev.chaperone.inspector.ws;

import org.jspecify.annotations.NullMarked;
