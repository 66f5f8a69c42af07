// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.framing;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The bytes of one server-sent event (WHATWG HTML §9.2.6) and the places of its data in them, so
 * that the data can be changed and nothing else. Immutable.
 */
public final class SseFrame implements Frame {
    /**
     * One line.
     *
     * @param start its first byte
     * @param value first byte of the field's value
     * @param stop behind the value
     * @param end behind the line's end
     * @param field the field's name; empty for comments and empty lines
     */
    private record Line(int start, int value, int stop, int end, String field) {}

    private final byte[] bytes;
    private final List<Line> lines;
    private final String name;
    private final byte[] data;
    private final boolean hasData;

    private SseFrame(byte[] bytes, List<Line> lines) {
        this.bytes = bytes;
        this.lines = lines;
        String event = "";
        boolean any = false;
        ByteArrayOutputStream joined = new ByteArrayOutputStream(bytes.length);
        for (Line line : lines) {
            if (line.field.equals("event")) {
                event = new String(bytes, line.value, line.stop - line.value, UTF_8);
            } else if (line.field.equals("data")) {
                if (any) {
                    joined.write('\n');
                }
                any = true;
                joined.write(bytes, line.value, line.stop - line.value);
            }
        }
        this.name = event;
        this.hasData = any;
        this.data = joined.toByteArray();
    }

    private static final java.nio.charset.Charset UTF_8 = StandardCharsets.UTF_8;

    /** Reads a frame; a byte order mark may stand before its first line. */
    public static SseFrame of(byte[] frame) {
        List<Line> lines = new ArrayList<>(4);
        boolean mark =
                frame.length >= 3
                        && frame[0] == (byte) 0xef
                        && frame[1] == (byte) 0xbb
                        && frame[2] == (byte) 0xbf;
        int start = mark ? 3 : 0;
        for (int i = start; i <= frame.length; i++) {
            boolean atEnd = i == frame.length;
            if (!atEnd && frame[i] != '\n' && frame[i] != '\r') {
                continue;
            }
            if (atEnd && i == start) {
                break;
            }
            int end = atEnd ? i : i + 1;
            if (!atEnd && frame[i] == '\r' && end < frame.length && frame[end] == '\n') {
                end++;
            }
            lines.add(line(frame, start, i, end));
            start = end;
            i = end - 1;
        }
        return new SseFrame(frame, lines);
    }

    private static Line line(byte[] frame, int start, int stop, int end) {
        int colon = start;
        while (colon < stop && frame[colon] != ':') {
            colon++;
        }
        int value = Math.min(colon + 1, stop);
        if (value < stop && frame[value] == ' ') {
            value++;
        }
        return new Line(start, value, stop, end, new String(frame, start, colon - start, UTF_8));
    }

    /** The event field, or empty. */
    public String name() {
        return name;
    }

    public boolean hasData() {
        return hasData;
    }

    /** The data fields, joined with LF. */
    @Override
    public byte[] data() {
        return data;
    }

    @Override
    public byte[] bytes() {
        return bytes;
    }

    /**
     * The frame with other data. Each line of it goes where one of the old lines stood; further
     * ones follow the last.
     */
    @Override
    public byte[] withData(byte[] changed) {
        return write(changed, true);
    }

    /**
     * A further event of the same kind: the name and the data, without identifier, retry time and
     * comments, ended by an empty line.
     */
    @Override
    public byte[] copyWithData(byte[] changed) {
        return write(changed, false);
    }

    private byte[] write(byte[] changed, boolean all) {
        List<byte[]> values = split(changed);
        long dataLines = lines.stream().filter(l -> l.field.equals("data")).count();
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + changed.length);
        if (all && !lines.isEmpty()) {
            out.write(bytes, 0, lines.getFirst().start);
        }
        int next = 0;
        boolean closed = false;
        for (Line line : lines) {
            if (!line.field.equals("data")) {
                closed = line.stop == line.start;
                if (all || closed || line.field.equals("event")) {
                    out.write(bytes, line.start, line.end - line.start);
                }
                continue;
            }
            boolean last = --dataLines == 0;
            int upTo = last ? values.size() : Math.min(next + 1, values.size());
            for (; next < upTo; next++) {
                out.write(bytes, line.start, line.value - line.start);
                out.writeBytes(values.get(next));
                if (line.end == line.stop && (next + 1 < upTo || !all)) {
                    out.write('\n');
                }
                out.write(bytes, line.stop, line.end - line.stop);
            }
        }
        if (!all && !closed) {
            out.write('\n');
        }
        return out.toByteArray();
    }

    private static List<byte[]> split(byte[] data) {
        List<byte[]> values = new ArrayList<>(2);
        int start = 0;
        for (int i = 0; i <= data.length; i++) {
            boolean crLf = i + 1 < data.length && data[i] == '\r' && data[i + 1] == '\n';
            if (i == data.length || data[i] == '\n' || data[i] == '\r') {
                values.add(Arrays.copyOfRange(data, start, i));
                i += crLf ? 1 : 0;
                start = i + 1;
            }
        }
        return values;
    }
}
