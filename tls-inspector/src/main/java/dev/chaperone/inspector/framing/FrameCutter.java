// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.framing;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * Cuts a stream into frames without losing a byte: the frames in order are the stream. A frame ends
 * with an empty line (server-sent events) or with each line. Lines end with LF, CR or CRLF. One
 * thread.
 */
public final class FrameCutter {
    /** Takes the frames. */
    public interface Sink {
        /**
         * @param frame with its end; the last one of a stream may lack it
         */
        void frame(byte[] frame);

        /** Takes bytes of a frame that is longer than is kept. */
        void oversize(byte[] part);
    }

    private final boolean byLine;
    private final int maxFrame;
    private final Sink sink;
    private final ByteArrayOutputStream open = new ByteArrayOutputStream();
    private boolean lineEmpty = true;
    private boolean afterCr;
    private boolean passing;

    /** This stream's lines end with CRLF: a CR alone is half of an end. */
    private boolean crLf;

    private boolean waitsForLf;

    /**
     * @param byLine each line is a frame; otherwise an empty line ends one
     * @param maxFrame longer frames are passed on in parts, bytes
     */
    public FrameCutter(boolean byLine, int maxFrame, Sink sink) {
        this.byLine = byLine;
        this.maxFrame = maxFrame;
        this.sink = sink;
    }

    public void feed(byte[] bytes, int offset, int length) {
        int start = offset;
        int end = offset + length;
        for (int i = offset; i < end; i++) {
            byte c = bytes[i];
            boolean secondOfCrLf = c == '\n' && afterCr;
            afterCr = c == '\r';
            if (secondOfCrLf) {
                crLf = true;
                if (waitsForLf) {
                    start = cut(bytes, start, i + 1);
                }
                continue;
            }
            if (waitsForLf) {
                start = cut(bytes, start, i);
            }
            if (c != '\n' && c != '\r') {
                lineEmpty = false;
                continue;
            }
            boolean complete = byLine || lineEmpty;
            lineEmpty = true;
            if (complete && c == '\r' && (crLf || i + 1 < end && bytes[i + 1] == '\n')) {
                waitsForLf = true;
            } else if (complete) {
                start = cut(bytes, start, i + 1);
            }
        }
        add(bytes, start, end - start);
    }

    /** Ends a frame before {@code stop}; returns that. */
    private int cut(byte[] bytes, int start, int stop) {
        add(bytes, start, stop - start);
        close();
        return stop;
    }

    private void add(byte[] bytes, int offset, int length) {
        if (!passing && open.size() + (long) length > maxFrame) {
            passing = true;
            sink.oversize(open.toByteArray());
            open.reset();
        }
        if (!passing) {
            open.write(bytes, offset, length);
        } else if (length > 0) {
            sink.oversize(Arrays.copyOfRange(bytes, offset, offset + length));
        }
    }

    private void close() {
        if (!passing && open.size() > 0) {
            sink.frame(open.toByteArray());
        }
        passing = false;
        waitsForLf = false;
        open.reset();
    }

    /** Gives out a frame whose end never came. */
    public void end() {
        close();
    }
}
