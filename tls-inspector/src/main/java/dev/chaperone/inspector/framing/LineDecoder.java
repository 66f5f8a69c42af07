// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.framing;

/** Cuts bytes into lines that end with LF, CR or CRLF, however they are cut up. One thread. */
public final class LineDecoder {
    /** Takes one line without its end. */
    public interface Sink {
        void line(byte[] line);
    }

    private final ByteBuffer line;
    private final Sink sink;
    private boolean afterCr;
    private boolean overflown;

    /**
     * @param maxLine longer lines are dropped, bytes
     */
    public LineDecoder(int maxLine, Sink sink) {
        this.line = new ByteBuffer(maxLine);
        this.sink = sink;
    }

    public void feed(byte[] bytes, int offset, int length) {
        int start = offset;
        int end = offset + length;
        for (int i = offset; i < end; i++) {
            byte c = bytes[i];
            if (c != '\n' && c != '\r') {
                afterCr = false;
                continue;
            }
            if (c == '\n' && afterCr && i == start) {
                afterCr = false;
                start = i + 1;
                continue;
            }
            line.add(bytes, start, i - start);
            emit();
            afterCr = c == '\r';
            start = i + 1;
        }
        line.add(bytes, start, end - start);
    }

    private void emit() {
        if (line.isOverflown()) {
            overflown = true;
        } else {
            sink.line(line.toBytes());
        }
        line.clear();
    }

    /** The bytes of a line whose end has not come. */
    public byte[] rest() {
        return line.isOverflown() ? new byte[0] : line.toBytes();
    }

    /** True when a line was dropped. */
    public boolean isOverflown() {
        return overflown || line.isOverflown();
    }
}
