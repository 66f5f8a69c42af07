// SPDX-License-Identifier: Apache-2.0
/** How answers are cut into events: SSE, NDJSON, SignalR and the like. Performs no I/O. */
@NullMarked
package dev.chaperone.inspector.framing;

import org.jspecify.annotations.NullMarked;
