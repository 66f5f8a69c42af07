// SPDX-License-Identifier: Apache-2.0
/** Connections: CONNECT, tunnels and the two legs of an exchange. */
@NullMarked
package dev.chaperone.inspector.conn;

import org.jspecify.annotations.NullMarked;
