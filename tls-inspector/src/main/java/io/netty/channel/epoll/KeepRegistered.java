// SPDX-License-Identifier: Apache-2.0
package io.netty.channel.epoll;

import io.netty.channel.Channel;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Keeps a channel's descriptor in its epoll set for as long as it is open.
 *
 * <p>Netty 4.2 since its pull request 16689 (seen in 4.2.18 and 4.2.20) takes a descriptor out of
 * the set when nothing is to be waited for, and forgets that it did: the next wait fails with
 * ENOENT and closes the channel. That happens when a peer has said FIN while reading was paused for
 * a slower other side, and cuts off what was still to be sent. With EPOLLERR among the events,
 * which the kernel reports whether asked or not (epoll_ctl(2)), the set of events is never empty.
 *
 * <p>In Netty's package because {@code setFlag} is not public. To be removed when Netty is
 * repaired: {@code TunnelTest} tells.
 */
public final class KeepRegistered {
    private KeepRegistered() {}

    /** Call once the channel is registered, on its event loop; other transports are left alone. */
    public static void on(Channel channel) {
        if (channel instanceof AbstractEpollChannel epoll) {
            try {
                epoll.setFlag(Native.EPOLLERR);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
