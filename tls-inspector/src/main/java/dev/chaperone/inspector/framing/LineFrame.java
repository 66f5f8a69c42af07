// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.framing;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** One line of a stream of lines; of numbered lines the data follows the first colon. Immutable. */
public final class LineFrame implements Frame {
    private final byte[] bytes;
    private final int start;
    private final int stop;

    private LineFrame(byte[] bytes, int start, int stop) {
        this.bytes = bytes;
        this.start = start;
        this.stop = stop;
    }

    /**
     * @param numbered whether a name and a colon stand before the data
     */
    public static LineFrame of(byte[] line, boolean numbered) {
        int stop = line.length;
        while (stop > 0 && (line[stop - 1] == '\n' || line[stop - 1] == '\r')) {
            stop--;
        }
        int start = 0;
        if (numbered) {
            while (start < stop && line[start] != ':') {
                start++;
            }
            start = Math.min(start + 1, stop);
        }
        return new LineFrame(line, start, stop);
    }

    /** What stands before the colon of a numbered line, else empty. */
    public String name() {
        return new String(bytes, 0, Math.max(0, start - 1), StandardCharsets.UTF_8);
    }

    @Override
    public byte[] bytes() {
        return bytes;
    }

    @Override
    public byte[] data() {
        return Arrays.copyOfRange(bytes, start, stop);
    }

    @Override
    public byte[] withData(byte[] changed) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + changed.length);
        out.write(bytes, 0, start);
        out.writeBytes(changed);
        out.write(bytes, stop, bytes.length - stop);
        return out.toByteArray();
    }

    @Override
    public byte[] copyWithData(byte[] changed) {
        byte[] copy = withData(changed);
        if (stop == bytes.length) {
            copy = Arrays.copyOf(copy, copy.length + 1);
            copy[copy.length - 1] = '\n';
        }
        return copy;
    }
}
