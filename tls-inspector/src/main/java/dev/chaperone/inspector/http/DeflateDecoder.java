// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.compression.DecompressionException;
import io.netty.handler.codec.compression.ZlibCodecFactory;
import io.netty.handler.codec.compression.ZlibWrapper;
import java.io.ByteArrayOutputStream;

/** gzip, zlib and raw DEFLATE (RFC 1950 to 1952) by Netty's decoder, which gives all it can. */
final class DeflateDecoder implements StreamDecoder {
    /** Compressed bytes a step: DEFLATE's limit of 1032 : 1 bounds what they mean. */
    private static final int STEP = 1024;

    private final EmbeddedChannel channel;

    DeflateDecoder(ZlibWrapper wrapper) {
        channel = new EmbeddedChannel(ZlibCodecFactory.newZlibDecoder(wrapper, 0));
    }

    @Override
    public byte[] decode(ByteBuf piece) {
        channel.writeInbound(piece.readRetainedSlice(Math.min(STEP, piece.readableBytes())));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteBuf decoded;
        while ((decoded = channel.readInbound()) != null) {
            try {
                out.writeBytes(ByteBufUtil.getBytes(decoded));
            } finally {
                decoded.release();
            }
        }
        return out.toByteArray();
    }

    @Override
    public boolean pending() {
        return false;
    }

    @Override
    public void close() {
        try {
            channel.finishAndReleaseAll();
        } catch (DecompressionException e) {
            // A cut stream is malformed to its codec; the answer was passed on long ago.
        }
    }
}
