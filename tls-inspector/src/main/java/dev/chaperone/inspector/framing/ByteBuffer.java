// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.framing;

import java.util.Arrays;

/** A growing array of bytes with a limit. One thread. */
final class ByteBuffer {
    private final int limit;
    private byte[] bytes = new byte[256];
    private int size;
    private boolean overflown;

    ByteBuffer(int limit) {
        this.limit = limit;
    }

    void add(byte[] from, int offset, int length) {
        int room = Math.min(length, limit - size);
        overflown |= room < length;
        if (size + room > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(size + room, bytes.length * 2));
        }
        System.arraycopy(from, offset, bytes, size, room);
        size += room;
    }

    int size() {
        return size;
    }

    byte at(int i) {
        return bytes[i];
    }

    boolean isOverflown() {
        return overflown;
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }

    /** Empties it; a large array is given back. */
    void clear() {
        size = 0;
        overflown = false;
        if (bytes.length > 65_536) {
            bytes = new byte[256];
        }
    }
}
