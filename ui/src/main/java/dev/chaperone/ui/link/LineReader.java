// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.link;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Optional;

/** Lines of a channel, each bounded: a longer one is passed over, its bytes are not kept. */
final class LineReader {
    private static final int CHUNK = 16 * 1024;

    private final ReadableByteChannel channel;
    private final int max;
    private final ByteBuffer buffer = ByteBuffer.allocate(CHUNK).limit(0);
    private ByteArrayOutputStream line = new ByteArrayOutputStream();
    private boolean tooLong;

    /**
     * @param max longest line that is kept, bytes without its line feed; > 0
     */
    LineReader(ReadableByteChannel channel, int max) {
        this.channel = channel;
        this.max = max;
    }

    /**
     * The next line without its line feed.
     *
     * @param bytes empty when it was longer than allowed
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Line(byte[] bytes, boolean tooLong) {}

    /** The next line; blocks. Empty at the end, also in the middle of a line. */
    Optional<Line> next() throws IOException {
        while (true) {
            while (buffer.hasRemaining()) {
                byte b = buffer.get();
                if (b == '\n') {
                    return Optional.of(take());
                }
                if (line.size() < max) {
                    line.write(b);
                } else {
                    tooLong = true;
                }
            }
            buffer.clear();
            if (channel.read(buffer) < 0) {
                buffer.limit(0);
                return Optional.empty();
            }
            buffer.flip();
        }
    }

    private Line take() {
        Line taken = tooLong ? new Line(new byte[0], true) : new Line(line.toByteArray(), false);
        line = new ByteArrayOutputStream(); // a long line's memory is not kept for the next
        tooLong = false;
        return taken;
    }
}
