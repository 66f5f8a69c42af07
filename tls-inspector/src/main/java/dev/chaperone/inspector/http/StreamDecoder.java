// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.http;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.compression.ZlibWrapper;
import java.util.Locale;
import java.util.Optional;

/**
 * Undoes a content coding piece by piece (RFC 9110 §8.4), a bounded step at a time: a few bytes can
 * mean millions. Not thread-safe; {@link #close} frees native memory.
 */
public interface StreamDecoder {
    /** What one step gives at most: what DEFLATE, at 1032 : 1, makes of 1 KiB, and some. */
    int MAX_STEP = 1200 * 1024;

    /**
     * A decoder for the value of {@code content-encoding}; empty when it names a coding that is not
     * known, or several.
     */
    static Optional<StreamDecoder> of(String header) {
        return switch (header.strip().toLowerCase(Locale.ROOT)) {
            case "", "identity" -> Optional.of(new Identity());
            case "gzip", "x-gzip" -> Optional.of(new DeflateDecoder(ZlibWrapper.GZIP));
            case "deflate" -> Optional.of(new DeflateDecoder(ZlibWrapper.ZLIB_OR_NONE));
            case "br" ->
                    Brotli4jLoader.isAvailable()
                            ? Optional.of(new BrotliStreamDecoder())
                            : Optional.empty();
            case "zstd" -> Optional.of(new ZstdStreamDecoder());
            default -> Optional.empty();
        };
    }

    /**
     * Undoes the next step of a piece; to be called until the piece is read and nothing is {@link
     * #pending}. Throws Netty's {@code DecompressionException} on malformed data.
     *
     * @param piece its reader index moves, its reference count does not
     * @return at most {@link #MAX_STEP} bytes, or the piece itself where there is no coding
     */
    byte[] decode(ByteBuf piece);

    /** Whether more can be had without further bytes. */
    boolean pending();

    /** Frees what it holds; more than once is allowed. */
    void close();

    /** No coding. */
    final class Identity implements StreamDecoder {
        private Identity() {}

        @Override
        public byte[] decode(ByteBuf piece) {
            return ByteBufUtil.getBytes(piece.readSlice(piece.readableBytes()));
        }

        @Override
        public boolean pending() {
            return false;
        }

        @Override
        public void close() {}
    }
}
