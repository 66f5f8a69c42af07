// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.framing;

/** A whole body, kept up to a limit. One thread. */
public final class BodyBuffer {
    private final ByteBuffer bytes;

    public BodyBuffer(int limit) {
        this.bytes = new ByteBuffer(limit);
    }

    public void feed(byte[] from, int offset, int length) {
        bytes.add(from, offset, length);
    }

    public boolean isOverflown() {
        return bytes.isOverflown();
    }

    public byte[] toBytes() {
        return bytes.toBytes();
    }
}
