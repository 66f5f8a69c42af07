// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/**
 * One end of an HTTP/2 connection (RFC 9113) on plain streams, one message at a time: frames are
 * written and read by hand, never by the codec under test; only Huffman and the dynamic table of
 * HPACK (RFC 7541) are Netty's. Windows are given back for what is read and not watched for what is
 * written: messages are far below the 64 KiB that a connection starts with. Not thread-safe.
 */
final class Http2Connection {
    private static final byte[] PREFACE =
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int WINDOW_UPDATE = 8;
    private static final int CONTINUATION = 9;
    private static final int ACK = 1;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int PADDED = 8;
    private static final int PRIORITY = 32;

    private final DataInputStream in;
    private final OutputStream out;
    private final DefaultHttp2HeadersDecoder hpack =
            new DefaultHttp2HeadersDecoder(false, 1L << 20);
    private final Map<Integer, Partial> partial = new HashMap<>();

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Frame(int type, int flags, int stream, byte[] payload) {
        boolean has(int flag) {
            return (flags & flag) != 0;
        }
    }

    /** What came of a message so far. */
    private static final class Partial {
        final ByteArrayOutputStream block = new ByteArrayOutputStream();
        final ByteArrayOutputStream body = new ByteArrayOutputStream();
        final StringBuilder head = new StringBuilder();
        boolean ended;
    }

    /**
     * A whole message.
     *
     * @param head fields and trailers, {@code name: value} a line
     * @param body joined from its DATA frames
     * @param reset true when the peer gave the stream up
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Message(int stream, String head, byte[] body, boolean reset) {
        @Override
        public String toString() {
            return "Message[" + stream + ", " + body.length + " bytes]";
        }
    }

    private Http2Connection(InputStream in, OutputStream out) {
        this.in = new DataInputStream(in);
        this.out = out;
    }

    /** Sends the client's preface. */
    static Http2Connection client(InputStream in, OutputStream out) throws IOException {
        Http2Connection connection = new Http2Connection(in, out);
        out.write(PREFACE);
        connection.send(SETTINGS, 0, 0, new byte[0]);
        return connection;
    }

    /** Reads the client's preface and sends the server's. */
    static Http2Connection server(InputStream in, OutputStream out) throws IOException {
        Http2Connection connection = new Http2Connection(in, out);
        if (connection.in.readNBytes(PREFACE.length).length < PREFACE.length) {
            throw new IOException("no preface");
        }
        connection.send(SETTINGS, 0, 0, new byte[0]);
        return connection;
    }

    // ---- reading

    /** The next message that ends. */
    Message read() throws IOException {
        while (true) {
            Frame frame = frame();
            Partial now = partial.computeIfAbsent(frame.stream, _ -> new Partial());
            switch (frame.type) {
                case SETTINGS, PING -> {
                    if (!frame.has(ACK)) {
                        byte[] answer = frame.type == PING ? frame.payload : new byte[0];
                        send(frame.type, ACK, 0, answer);
                    }
                }
                case HEADERS, CONTINUATION -> headers(frame, now);
                case DATA -> {
                    now.body.writeBytes(content(frame));
                    now.ended = frame.has(END_STREAM);
                    giveBack(frame);
                }
                case RST_STREAM -> {
                    return finished(frame.stream, true);
                }
                case GOAWAY -> throw new IOException("GOAWAY " + frame.payload[7]);
                default -> {} // WINDOW_UPDATE, PRIORITY and what is not known (RFC 9113 §4.1)
            }
            if (now.ended && now.block.size() == 0) {
                return finished(frame.stream, false);
            }
        }
    }

    private void headers(Frame frame, Partial now) throws IOException {
        now.ended |= frame.type == HEADERS && frame.has(END_STREAM);
        now.block.writeBytes(frame.type == HEADERS ? content(frame) : frame.payload);
        if (frame.has(END_HEADERS)) {
            try {
                hpack.decodeHeaders(frame.stream, Unpooled.wrappedBuffer(now.block.toByteArray()))
                        .forEach(f ->
                                now.head
                                        .append(f.getKey())
                                        .append(": ")
                                        .append(f.getValue())
                                        .append('\n'));
            } catch (Http2Exception e) {
                throw new IOException("HPACK", e);
            }
            now.block.reset();
        }
    }

    private Message finished(int stream, boolean reset) {
        Partial done = partial.remove(stream);
        return done == null
                ? new Message(stream, "", new byte[0], reset)
                : new Message(stream, done.head.toString(), done.body.toByteArray(), reset);
    }

    /** A payload without padding and priority (RFC 9113 §6.1, §6.2). */
    private static byte[] content(Frame frame) {
        int from = frame.has(PADDED) ? 1 : 0;
        int to = frame.payload.length - (frame.has(PADDED) ? frame.payload[0] & 0xFF : 0);
        if (frame.type == HEADERS && frame.has(PRIORITY)) {
            from += 5;
        }
        return Arrays.copyOfRange(frame.payload, from, to);
    }

    private void giveBack(Frame data) throws IOException {
        int length = data.payload.length;
        if (length > 0) {
            byte[] increment = {
                (byte) (length >> 24), (byte) (length >> 16), (byte) (length >> 8), (byte) length
            };
            send(WINDOW_UPDATE, 0, 0, increment);
            if (!data.has(END_STREAM)) {
                send(WINDOW_UPDATE, 0, data.stream, increment);
            }
        }
    }

    private Frame frame() throws IOException {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt() & Integer.MAX_VALUE;
        return new Frame(type, flags, stream, in.readNBytes(length));
    }

    // ---- writing

    /**
     * Sends a message in frames cut at random places, padded now and then, its fields in HEADERS
     * and CONTINUATION, its end a flag, an empty frame or trailers.
     *
     * @param fields {@code name, value, name, value …}, pseudo-header fields first
     */
    void send(int stream, String[] fields, byte[] body, Random cuts) throws IOException {
        boolean trailers = cuts.nextInt(8) == 0;
        boolean emptyEnd = !trailers && cuts.nextInt(4) == 0;
        boolean endsHere = body.length == 0 && !trailers && !emptyEnd;
        block(stream, fields, endsHere ? END_STREAM : 0, cuts);
        int at = 0;
        while (at < body.length) {
            int to = at + 1 + cuts.nextInt(Math.min(body.length - at, 1 + cuts.nextInt(200)));
            int end = to == body.length && !trailers && !emptyEnd ? END_STREAM : 0;
            padded(DATA, end, stream, Arrays.copyOfRange(body, at, to), cuts);
            at = to;
        }
        if (emptyEnd) {
            padded(DATA, END_STREAM, stream, new byte[0], cuts);
        } else if (trailers) {
            block(stream, new String[] {"x-trailer", "1"}, END_STREAM, cuts);
        }
        out.flush();
    }

    /** Gives a stream up: CANCEL (RFC 9113 §7). */
    void reset(int stream) throws IOException {
        send(RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8});
    }

    private void block(int stream, String[] fields, int flags, Random cuts) throws IOException {
        byte[] block = encode(fields, cuts);
        int first = cuts.nextInt(3) == 0 ? cuts.nextInt(block.length) : block.length;
        int end = first == block.length ? END_HEADERS : 0;
        padded(HEADERS, flags | end, stream, Arrays.copyOf(block, first), cuts);
        for (int more = 3; first < block.length; more--) {
            int to = more == 0 ? block.length : first + 1 + cuts.nextInt(block.length - first);
            send(
                    CONTINUATION,
                    to == block.length ? END_HEADERS : 0,
                    stream,
                    Arrays.copyOfRange(block, first, to));
            first = to;
        }
    }

    private void padded(int type, int flags, int stream, byte[] payload, Random cuts)
            throws IOException {
        if (cuts.nextInt(4) != 0) {
            send(type, flags, stream, payload);
            return;
        }
        int padding = cuts.nextInt(256);
        byte[] all = new byte[1 + payload.length + padding];
        all[0] = (byte) padding;
        System.arraycopy(payload, 0, all, 1, payload.length);
        send(type, flags | PADDED, stream, all);
    }

    private void send(int type, int flags, int stream, byte[] payload) throws IOException {
        int length = payload.length;
        byte[] frame = new byte[9 + length];
        frame[0] = (byte) (length >> 16);
        frame[1] = (byte) (length >> 8);
        frame[2] = (byte) length;
        frame[3] = (byte) type;
        frame[4] = (byte) flags;
        frame[5] = (byte) (stream >> 24);
        frame[6] = (byte) (stream >> 16);
        frame[7] = (byte) (stream >> 8);
        frame[8] = (byte) stream;
        System.arraycopy(payload, 0, frame, 9, length);
        out.write(frame);
        out.flush();
    }

    /** Literal fields, now indexed, now not, now never to be (RFC 7541 §6.2). */
    private static byte[] encode(String[] fields, Random cuts) {
        int[] kinds = {0x40, 0x00, 0x10};
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (int i = 0; i < fields.length; i += 2) {
            block.write(kinds[cuts.nextInt(kinds.length)]);
            string(block, fields[i]);
            string(block, fields[i + 1]);
        }
        return block.toByteArray();
    }

    /** A length of seven bits or more, then the octets (RFC 7541 §5.1, §5.2). */
    private static void string(ByteArrayOutputStream block, String text) {
        byte[] octets = text.getBytes(StandardCharsets.ISO_8859_1);
        int rest = octets.length - 127;
        block.write(Math.min(octets.length, 127));
        if (rest >= 0) {
            while (rest >= 128) {
                block.write(rest & 127 | 128);
                rest >>= 7;
            }
            block.write(rest);
        }
        block.writeBytes(octets);
    }
}
