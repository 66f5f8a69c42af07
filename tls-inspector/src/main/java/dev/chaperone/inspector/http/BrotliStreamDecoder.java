// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.http;

import com.aayushatharva.brotli4j.decoder.DecoderJNI;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.compression.DecompressionException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Brotli (RFC 7932), pulled in bounded steps: 1 KiB can mean hundreds of MB. */
final class BrotliStreamDecoder implements StreamDecoder {
    private static final int STEP = 64 * 1024;

    private final DecoderJNI.Wrapper decoder;

    /** Of the native window, at most 16 MiB; valid until the decoder is called again. */
    private ByteBuffer pulled = ByteBuffer.allocate(0);

    private boolean pending;
    private boolean closed;

    BrotliStreamDecoder() {
        try {
            decoder = new DecoderJNI.Wrapper(STEP);
        } catch (IOException e) {
            throw new DecompressionException("no memory for a Brotli decoder");
        }
    }

    @Override
    public byte[] decode(ByteBuf piece) {
        while (!pulled.hasRemaining()) {
            DecoderJNI.Status status = decoder.getStatus();
            // What was flushed comes at once; it does not wait for more input.
            if (decoder.hasOutput() || status == DecoderJNI.Status.NEEDS_MORE_OUTPUT) {
                pulled = decoder.pull();
                continue;
            }
            switch (status) {
                case OK -> decoder.push(0);
                case NEEDS_MORE_INPUT -> {
                    if (!push(piece)) {
                        pending = false;
                        return new byte[0];
                    }
                }
                case DONE -> {
                    piece.skipBytes(piece.readableBytes()); // no more is made of it
                    pending = false;
                    return new byte[0];
                }
                case ERROR, NEEDS_MORE_OUTPUT -> throw new DecompressionException("Brotli");
            }
        }
        byte[] out = new byte[Math.min(STEP, pulled.remaining())];
        pulled.get(out);
        pending = true;
        return out;
    }

    /** False when the decoder has nothing more to go on with. */
    private boolean push(ByteBuf piece) {
        ByteBuffer input = decoder.getInputBuffer();
        int length = Math.min(input.capacity(), piece.readableBytes());
        input.clear().limit(length);
        piece.readBytes(input);
        // Of no bytes too: it may not be through with those it has.
        decoder.push(length);
        return length > 0
                || decoder.hasOutput()
                || decoder.getStatus() != DecoderJNI.Status.NEEDS_MORE_INPUT;
    }

    /** Whether the stream came to its end, and all of it was given out. */
    boolean finished() {
        return !pending && decoder.getStatus() == DecoderJNI.Status.DONE;
    }

    @Override
    public boolean pending() {
        return pending;
    }

    @Override
    public void close() {
        pending = false;
        if (!closed) {
            closed = true;
            decoder.destroy();
        }
    }
}
