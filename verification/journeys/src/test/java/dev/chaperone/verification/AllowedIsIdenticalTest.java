// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is allowed arrives octet for octet, head and body, over a conversation that resends its
 * whole history; what is redacted differs in the spans and in the length, and in nothing else.
 */
class AllowedIsIdenticalTest {
    private static final int TURNS = 50;
    private static final int PLANES = 17;
    private static final String HOST = "api.openai.com";

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @Test
    void growingHistoryOfEveryPlaneArrivesAsItWasSent() throws Exception {
        Random random = new Random(50);
        Set<Integer> planes = new HashSet<>();
        List<String> turns = new ArrayList<>();
        try (AgentUnderTest agent = new AgentUnderTest(folder, Optional.empty());
                SSLSocket socket = agent.open(HOST)) {
            for (int turn = 0; turn < TURNS; turn++) {
                turns.add(message("user", text(random, turn, planes)));
                byte[] request = request(turn, body(turns));
                assertThat(send(socket, request)).startsWith("HTTP/1.1 200");
                assertThat(octets(agent.nextReceived()))
                        .as("turn %d", turn)
                        .isEqualTo(octets(request));
                turns.add(message("assistant", text(random, turn + 1, planes)));
            }
        }
        assertThat(planes).hasSize(PLANES);
    }

    @Test
    void besideARedactedSiblingEveryOtherOctetIsTheSame() throws Exception {
        Random random = new Random(51);
        List<String> sent = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        try (AgentUnderTest agent = new AgentUnderTest(folder, Optional.empty());
                SSLSocket socket = agent.open(HOST)) {
            for (int turn = 0; turn < TURNS; turn++) {
                Set<Integer> planes = new HashSet<>();
                String before = text(random, turn, planes);
                String after = text(random, turn + 3, planes);
                boolean secret = turn % 5 == 0;
                sent.add(
                        message(
                                "user",
                                before
                                        + (secret ? " " + SECRETS.get(turn / 5) : "")
                                        + " "
                                        + after));
                // The same value keeps its number whenever the history comes again.
                expected.add(
                        message(
                                "user",
                                before
                                        + (secret ? " [SECRET-" + (turn / 5 + 1) + "]" : "")
                                        + " "
                                        + after));
                assertThat(send(socket, request(turn, body(sent)))).startsWith("HTTP/1.1 200");
                assertThat(octets(agent.nextReceived()))
                        .as("turn %d", turn)
                        .isEqualTo(octets(request(turn, body(expected))));
            }
        }
    }

    private static final List<String> SECRETS = secrets();

    private static List<String> secrets() {
        Random random = new Random(52);
        List<String> secrets = new ArrayList<>();
        for (int i = 0; i < TURNS / 5; i++) {
            secrets.add(
                    "ghp_"
                            + SampleSecrets.text(
                                    random,
                                    "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz",
                                    36));
        }
        return secrets;
    }

    /** A request as some clients write it: odd case, doubled and empty fields, odd white space. */
    private static byte[] request(int turn, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        String head =
                "POST /v1/chat/completions?turn="
                        + turn
                        + "&q=%C3%A4%2f HTTP/1.1\r\nHost: "
                        + HOST
                        + "\r\nuser-AGENT: Odd/1.0 (x; y)\r\nX-Twice: b\r\nX-Empty: \r\naccept: */*\r\nX-Twice: a\r\n"
                        + "Content-Type: application/json; charset=utf-8\r\nX-Latin: caf\u00e9\r\nContent-Length: "
                        + bytes.length
                        + "\r\nx-last: 1\r\n\r\n";
        byte[] h = head.getBytes(StandardCharsets.ISO_8859_1);
        byte[] all = java.util.Arrays.copyOf(h, h.length + bytes.length);
        System.arraycopy(bytes, 0, all, h.length, bytes.length);
        return all;
    }

    /** One character an octet, so that a difference can be read. */
    private static String octets(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static String send(SSLSocket socket, byte[] request) throws IOException {
        socket.getOutputStream().write(request);
        socket.getOutputStream().flush();
        return AgentUnderTest.answer(socket.getInputStream());
    }

    private static String body(List<String> turns) {
        return "{ \"model\":\"m\",\"temperature\": 1.0e0, \"messages\" : [\n"
                + String.join(" ,\r\n\t", turns)
                + "],\"seed\":12345678901234567890, \"messages2\":[],\"stop\":null }\n";
    }

    private static String message(String role, String content) {
        return "{\"role\":\"" + role + "\", \"content\" :\"" + content + "\"}";
    }

    /** JSON string content with code points of all planes, raw and escaped in turn. */
    private static String text(Random random, int turn, Set<Integer> planes) {
        StringBuilder text = new StringBuilder("t\\u00fcrn \\/ \\\"q\\\" \\n ");
        for (int i = 0; i < 24; i++) {
            int plane = (turn + i) % PLANES;
            int point = (plane << 16) + 0xA1 + random.nextInt(plane == 0 ? 0xD000 : 0xFF00);
            planes.add(plane);
            if (random.nextBoolean()) {
                text.appendCodePoint(point);
            } else {
                for (char c : Character.toChars(point)) {
                    text.append(
                            String.format(
                                    Locale.ROOT,
                                    random.nextBoolean() ? "\\u%04x" : "\\u%04X",
                                    (int) c));
                }
            }
            text.append(' ');
        }
        return text.toString();
    }
}
