// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import dev.chaperone.model.prompt.ClientProcess;
import java.net.InetSocketAddress;

/**
 * Finds the local process that owns the client end of a proxied connection. Implemented per
 * operating system.
 */
@FunctionalInterface
public interface ClientProcesses {
    /**
     * May take milliseconds; called on a virtual thread right after accept.
     *
     * @param client the peer's address as the proxy sees it
     * @param proxy our end of the connection
     */
    ClientProcess owner(InetSocketAddress client, InetSocketAddress proxy);
}
