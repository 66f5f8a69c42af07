// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.monitor;

import java.nio.ByteBuffer;

/**
 * A TCP segment or a UDP datagram on its way to a server.
 *
 * @param flow the connection
 * @param sequence TCP: number of the first byte, of SYN where that is set; UDP: 0
 * @param opens TCP: SYN is set
 * @param ends TCP: FIN or RST is set
 * @param payload what of the payload was captured; position and limit are the reader's
 */
record Packet(Flow flow, int sequence, boolean opens, boolean ends, ByteBuffer payload) {}
