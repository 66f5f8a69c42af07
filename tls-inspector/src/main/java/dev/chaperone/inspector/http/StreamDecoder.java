// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.compression.Brotli;
import io.netty.handler.codec.compression.BrotliDecoder;
import io.netty.handler.codec.compression.ZlibCodecFactory;
import io.netty.handler.codec.compression.ZlibWrapper;
import io.netty.handler.codec.compression.ZstdDecoder;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Undoes a content coding piece by piece (RFC 9110 §8.4). Not thread-safe; {@link #close} frees
 * native memory.
 */
public final class StreamDecoder {
    private final @Nullable EmbeddedChannel channel;

    private StreamDecoder(@Nullable EmbeddedChannel channel) {
        this.channel = channel;
    }

    /**
     * A decoder for the value of {@code content-encoding}; empty when it names a coding that is not
     * known, or several.
     */
    public static Optional<StreamDecoder> of(String header) {
        return switch (header.strip().toLowerCase(Locale.ROOT)) {
            case "", "identity" -> Optional.of(new StreamDecoder(null));
            case "gzip", "x-gzip" ->
                    Optional.of(with(ZlibCodecFactory.newZlibDecoder(ZlibWrapper.GZIP, 0)));
            case "deflate" ->
                    Optional.of(with(ZlibCodecFactory.newZlibDecoder(ZlibWrapper.ZLIB_OR_NONE, 0)));
            case "br" ->
                    Brotli.isAvailable()
                            ? Optional.of(with(new BrotliDecoder()))
                            : Optional.empty();
            case "zstd" -> Optional.of(with(new ZstdDecoder()));
            default -> Optional.empty();
        };
    }

    private static StreamDecoder with(ChannelHandler handler) {
        return new StreamDecoder(new EmbeddedChannel(handler));
    }

    /** True when nothing is to be undone. */
    public boolean identity() {
        return channel == null;
    }

    /**
     * Decodes a piece; keeps {@code piece}'s reference count. Throws a codec's exception on
     * malformed data.
     */
    public void feed(ByteBuf piece, Consumer<byte[]> out) {
        EmbeddedChannel decoder = channel;
        if (decoder == null) {
            out.accept(ByteBufUtil.getBytes(piece));
            return;
        }
        decoder.writeInbound(piece.retainedDuplicate());
        ByteBuf decoded;
        while ((decoded = decoder.readInbound()) != null) {
            try {
                out.accept(ByteBufUtil.getBytes(decoded));
            } finally {
                decoded.release();
            }
        }
    }

    public void close() {
        if (channel != null) {
            try {
                channel.finishAndReleaseAll();
            } catch (RuntimeException e) {
                // A cut stream is malformed to its codec; the answer was passed on long ago.
            }
        }
    }
}
