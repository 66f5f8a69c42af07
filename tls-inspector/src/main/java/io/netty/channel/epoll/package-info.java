// SPDX-License-Identifier: Apache-2.0
/** A repair of Netty's epoll transport, in its package because it needs what is not public. */
@org.jspecify.annotations.NullMarked
package io.netty.channel.epoll;
