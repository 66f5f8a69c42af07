// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * The pieces of a request body that wait for the verdict. Owns their buffers until they are taken
 * or dropped. Runs on the connection's event loop.
 */
final class CollectedBody {
    private static final int MAX_COMPONENTS = 1024;

    private @Nullable CompositeByteBuf pieces;

    /** Takes ownership of {@code data}. */
    void add(ByteBuf data) {
        if (pieces == null) {
            pieces = data.alloc().compositeBuffer(MAX_COMPONENTS);
        }
        pieces.addComponent(true, data);
    }

    int size() {
        return pieces == null ? 0 : pieces.readableBytes();
    }

    /** A copy of all octets; the buffers are given back. */
    byte[] takeBytes() {
        if (pieces == null) {
            return new byte[0];
        }
        byte[] body = ByteBufUtil.getBytes(pieces);
        drop();
        return body;
    }

    /** The buffers themselves, which the caller now owns. */
    ByteBuf take() {
        ByteBuf buffer = pieces == null ? Unpooled.EMPTY_BUFFER : pieces;
        pieces = null;
        return buffer;
    }

    void drop() {
        if (pieces != null) {
            pieces.release();
            pieces = null;
        }
    }
}
