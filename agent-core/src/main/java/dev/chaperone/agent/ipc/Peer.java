// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.ipc;

/**
 * The process at the other end of a connection, as the kernel says (SO_PEERCRED, unix(7)).
 *
 * @param pid its process id when it connected, or -1 when unknown
 * @param uid its user id, or -1 when unknown
 */
public record Peer(long pid, long uid) {
    static final Peer UNKNOWN = new Peer(-1, -1);

    boolean isRoot() {
        return uid == 0;
    }
}
