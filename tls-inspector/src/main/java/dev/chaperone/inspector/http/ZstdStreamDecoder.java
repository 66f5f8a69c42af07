// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.http;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.compression.DecompressionException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Zstandard (RFC 8878), pulled in bounded steps: a block of 4 bytes can mean 128 KiB. */
final class ZstdStreamDecoder implements StreamDecoder {
    private static final int STEP = 64 * 1024;

    /** RFC 9659: no content coding needs a window of more than 8 MiB. */
    private static final int WINDOW_LOG = 23;

    /** What the decoder reads from; it ends for now where the piece ends. */
    private static final class Source extends InputStream {
        private ByteBuf piece = Unpooled.EMPTY_BUFFER;

        @Override
        public int read() {
            return piece.isReadable() ? piece.readUnsignedByte() : -1;
        }

        @Override
        public int read(byte[] into, int from, int length) {
            int n = Math.min(length, piece.readableBytes());
            if (n == 0) {
                return -1;
            }
            piece.readBytes(into, from, n);
            return n;
        }

        @Override
        public int available() {
            return piece.readableBytes();
        }
    }

    private final Source source = new Source();
    private final ZstdInputStreamNoFinalizer stream;
    private final byte[] step = new byte[STEP];
    private boolean pending;

    ZstdStreamDecoder() {
        try {
            stream = new ZstdInputStreamNoFinalizer(source);
            stream.setContinuous(true);
            stream.setLongMax(WINDOW_LOG);
        } catch (IOException e) {
            throw new DecompressionException("no memory for a Zstandard decoder");
        }
    }

    @Override
    public byte[] decode(ByteBuf piece) {
        source.piece = piece;
        try {
            int n = stream.read(step, 0, STEP);
            pending = n > 0;
            return n > 0 ? Arrays.copyOf(step, n) : new byte[0];
        } catch (IOException e) {
            // Without the decoder's message (DESIGN §2 rule 4).
            throw new DecompressionException("Zstandard");
        } finally {
            source.piece = Unpooled.EMPTY_BUFFER;
        }
    }

    @Override
    public boolean pending() {
        return pending;
    }

    @Override
    public void close() {
        pending = false;
        try {
            stream.close();
        } catch (IOException e) {
            throw new IllegalStateException("closing memory", e);
        }
    }
}
