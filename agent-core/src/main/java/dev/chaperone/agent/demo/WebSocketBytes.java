// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.demo;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Unfragmented WebSocket text frames by hand (RFC 6455 §5.2). */
final class WebSocketBytes {
    private static final int TEXT = 0x81;
    private static final int CLOSE = 8;

    private WebSocketBytes() {}

    /** The next text message, or null when the peer closes. */
    static @Nullable String readText(InputStream source) throws IOException {
        DataInputStream in = new DataInputStream(source);
        while (true) {
            int first;
            try {
                first = in.readUnsignedByte();
            } catch (EOFException e) {
                return null;
            }
            int second = in.readUnsignedByte();
            long length = second & 0x7F;
            if (length == 126) {
                length = in.readUnsignedShort();
            } else if (length == 127) {
                length = in.readLong();
            }
            byte[] mask = new byte[4];
            boolean masked = (second & 0x80) != 0;
            if (masked) {
                in.readFully(mask);
            }
            byte[] payload = in.readNBytes((int) length);
            for (int i = 0; masked && i < payload.length; i++) {
                payload[i] ^= mask[i & 3];
            }
            if ((first & 0x0F) == CLOSE) {
                return null;
            }
            if (first == TEXT) {
                return new String(payload, StandardCharsets.UTF_8);
            }
        }
    }

    static void writeText(OutputStream out, String text, boolean masked) throws IOException {
        byte[] payload = text.getBytes(StandardCharsets.UTF_8);
        java.io.ByteArrayOutputStream frame = new java.io.ByteArrayOutputStream();
        frame.write(TEXT);
        int flag = masked ? 0x80 : 0;
        if (payload.length < 126) {
            frame.write(flag | payload.length);
        } else {
            frame.write(flag | 126);
            frame.write(payload.length >> 8);
            frame.write(payload.length);
        }
        if (masked) {
            byte[] mask = new byte[4];
            ThreadLocalRandom.current().nextBytes(mask);
            frame.writeBytes(mask);
            for (int i = 0; i < payload.length; i++) {
                payload[i] ^= mask[i & 3];
            }
        }
        frame.writeBytes(payload);
        out.write(frame.toByteArray());
        out.flush();
    }
}
