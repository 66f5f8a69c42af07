// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.monitor;

import java.net.InetSocketAddress;

/**
 * One connection, seen from the machine that opens it.
 *
 * @param datagrams true for UDP, false for TCP
 * @param client our end, a literal address
 * @param server the other end, a literal address
 */
public record Flow(boolean datagrams, InetSocketAddress client, InetSocketAddress server) {}
