// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLSocket;

/** A WebSocket client by hand (RFC 6455), so that it can also say what no client should. */
record WebSocketClient(SSLSocket socket) implements AutoCloseable {
    static final int TEXT = 0x81;
    static final int BINARY = 0x82;
    static final int CLOSE = 0x88;
    static final int PING = 0x89;

    static WebSocketClient open(SSLSocket socket, String host, String path) throws IOException {
        socket.getOutputStream()
                .write(
                        ("GET "
                                        + path
                                        + " HTTP/1.1\r\nHost: "
                                        + host
                                        + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                                        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        String head = AgentUnderTest.head(socket.getInputStream());
        if (!head.startsWith("HTTP/1.1 101")) {
            throw new IOException(head);
        }
        return new WebSocketClient(socket);
    }

    /** Sends one masked frame. */
    void send(int firstByte, byte[] payload) throws IOException {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(firstByte);
        if (payload.length < 126) {
            frame.write(0x80 | payload.length);
        } else {
            frame.write(0x80 | 126);
            frame.write(payload.length >> 8);
            frame.write(payload.length);
        }
        byte[] mask = {7, 11, 13, 17};
        frame.writeBytes(mask);
        for (int i = 0; i < payload.length; i++) {
            frame.write(payload[i] ^ mask[i & 3]);
        }
        socket.getOutputStream().write(frame.toByteArray());
        socket.getOutputStream().flush();
    }

    /** Payload of the next frame of the server. */
    byte[] receive() throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        in.readUnsignedByte();
        int length = in.readUnsignedByte();
        return in.readNBytes(length == 126 ? in.readUnsignedShort() : length);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
