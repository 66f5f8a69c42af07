// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.monitor;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;

/**
 * The first bytes of a stream, from pieces that come in any order, twice, or overlapping; the first
 * to come counts. Bounded. For one thread.
 */
final class Reassembly {
    /** The longest hello that is read; nobody sends one of half this size. */
    static final int MAX_BYTES = 32 * 1024;

    /** Bounds the work that a stream of tiny pieces costs. */
    private static final int MAX_PIECES = 512;

    private byte[] bytes = new byte[0];
    private final BitSet present = new BitSet();
    private int pieces;

    /**
     * Adds a piece.
     *
     * @param offset of its first byte in the stream; what lies before 0 is passed over
     * @return false when the bounds are reached: the stream is given up
     */
    boolean add(long offset, ByteBuffer piece) {
        ByteBuffer in = piece.duplicate();
        long end = offset + in.remaining();
        if (end > MAX_BYTES || ++pieces > MAX_PIECES) {
            return false;
        }
        if (end <= 0) {
            return true;
        }
        if (offset < 0) {
            in.position(in.position() + (int) -offset);
        }
        int at = (int) Math.max(0, offset);
        int limit = (int) end;
        if (bytes.length < limit) {
            bytes = Arrays.copyOf(bytes, Math.min(MAX_BYTES, Math.max(limit, 2 * bytes.length)));
        }
        while (at < limit) {
            byte next = in.get();
            if (!present.get(at)) {
                bytes[at] = next;
                present.set(at);
            }
            at++;
        }
        return true;
    }

    /** What is there without a gap, from the first byte on; read only. */
    ByteBuffer contiguous() {
        return ByteBuffer.wrap(bytes, 0, present.nextClearBit(0)).asReadOnlyBuffer();
    }

    /** Bytes of memory that it holds, about. */
    int held() {
        return bytes.length + present.size() / 8;
    }
}
