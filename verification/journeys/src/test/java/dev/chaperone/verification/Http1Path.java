// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import javax.net.ssl.SSLSocket;

/** HTTP/1.1 on both legs: one connection a host, the body in one piece or in chunks. */
final class Http1Path implements LeakPath {
    private final AgentUnderTest agent;
    private final Map<String, SSLSocket> sockets = new HashMap<>();
    private final ByteArrayOutputStream all = new ByteArrayOutputStream();

    Http1Path(Path folder, Optional<Path> policy) throws Exception {
        agent = new AgentUnderTest(folder, policy);
        for (String host : LeakCase.HOSTS) {
            sockets.put(host, agent.open(host));
        }
    }

    @Override
    public Arrived carry(LeakCase message) throws Exception {
        SSLSocket socket = Objects.requireNonNull(sockets.get(message.host()));
        Random cuts = message.cuts();
        byte[] body = message.encoded();
        boolean chunked = cuts.nextBoolean();
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(
                ascii(
                        "POST "
                                + message.path()
                                + " HTTP/1.1\r\nHost: "
                                + message.host()
                                + "\r\nContent-Type: application/json\r\n"
                                + (message.encoding().isEmpty()
                                        ? ""
                                        : "Content-Encoding: " + message.encoding() + "\r\n")
                                + (chunked
                                        ? "Transfer-Encoding: chunked\r\n\r\n"
                                        : "Content-Length: " + body.length + "\r\n\r\n")));
        request.writeBytes(chunked ? chunks(body, cuts) : body);
        writeInPieces(socket.getOutputStream(), request.toByteArray(), cuts);
        String answer = AgentUnderTest.answer(socket.getInputStream());
        if (!answer.startsWith("HTTP/1.1 200")) {
            return Arrived.NOTHING;
        }
        byte[] raw = agent.nextReceived();
        all.writeBytes(raw);
        return arrived(raw);
    }

    private static byte[] chunks(byte[] body, Random cuts) {
        ByteArrayOutputStream chunked = new ByteArrayOutputStream();
        int at = 0;
        while (at < body.length) {
            int n = 1 + cuts.nextInt(Math.min(body.length - at, 120));
            chunked.writeBytes(ascii(Integer.toHexString(n) + "\r\n"));
            chunked.write(body, at, n);
            chunked.writeBytes(ascii("\r\n"));
            at += n;
        }
        chunked.writeBytes(ascii("0\r\n\r\n"));
        return chunked.toByteArray();
    }

    /** Each piece is a TLS record of its own. */
    private static void writeInPieces(OutputStream out, byte[] bytes, Random cuts)
            throws IOException {
        int at = 0;
        for (int pieces = cuts.nextInt(4); at < bytes.length; pieces--) {
            int n = pieces > 0 ? 1 + cuts.nextInt(bytes.length - at) : bytes.length - at;
            out.write(bytes, at, n);
            out.flush();
            at += n;
        }
    }

    private static Arrived arrived(byte[] raw) throws IOException {
        ByteArrayInputStream in = new ByteArrayInputStream(raw);
        if (raw.length == 0) {
            return Arrived.NOTHING;
        }
        String head = AgentUnderTest.head(in);
        if (!head.toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked")) {
            return new Arrived(raw, head, in.readAllBytes());
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        int n;
        do {
            n = Integer.parseInt(AgentUnderTest.line(in).strip(), 16);
            body.writeBytes(in.readNBytes(n));
            AgentUnderTest.line(in);
        } while (n > 0);
        return new Arrived(raw, head, body.toByteArray());
    }

    @Override
    public byte[] everything() {
        return all.toByteArray();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void close() throws IOException {
        for (SSLSocket socket : sockets.values()) {
            socket.close();
        }
        agent.close();
    }
}
