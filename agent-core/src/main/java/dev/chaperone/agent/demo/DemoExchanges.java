// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.demo;

import dev.chaperone.agent.demo.DemoExchange.Expected;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The exchanges of the demonstration: {@code exchanges.json}, with its placeholders filled from a
 * seed. Every secret is random and none is real.
 */
final class DemoExchanges {
    private static final String FILE = "/dev/chaperone/agent/demo/exchanges.json";

    private final Random random;
    private final JsonMapper json = JsonMapper.builder().build();
    private final List<DemoExchange> all = new ArrayList<>();

    private DemoExchanges(long seed) {
        this.random = new Random(seed);
    }

    static List<DemoExchange> of(long seed) {
        DemoExchanges demo = new DemoExchanges(seed);
        try (InputStream in = DemoExchanges.class.getResourceAsStream(FILE)) {
            if (in == null) {
                throw new IllegalStateException("the demonstration's exchanges are missing");
            }
            for (JsonNode exchange : demo.json.readTree(in)) {
                demo.add(exchange);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return List.copyOf(demo.all);
    }

    private void add(JsonNode exchange) {
        DemoSecrets secrets = new DemoSecrets(random);
        List<String> messages = new ArrayList<>();
        exchange.path("messages").forEach(m -> messages.add(secrets.fill(m.asString())));
        byte[] request = messages.isEmpty() ? post(exchange, secrets) : handshake(exchange);
        all.add(
                new DemoExchange(
                        all.size() + 1,
                        exchange.path("title").asString(),
                        exchange.path("host").asString(),
                        request,
                        messages,
                        secrets.used(),
                        Expected.valueOf(
                                exchange.path("expected")
                                        .asString()
                                        .toUpperCase(Locale.ROOT)
                                        .replace('-', '_'))));
    }

    private byte[] post(JsonNode exchange, DemoSecrets secrets) {
        String text =
                exchange.has("body")
                        ? json.writeValueAsString(exchange.path("body"))
                        : exchange.path("body-text").asString();
        byte[] body = secrets.fill(text).getBytes(StandardCharsets.UTF_8);
        StringBuilder more = new StringBuilder();
        exchange.path("headers")
                .properties()
                .forEach(h ->
                        more.append(h.getKey())
                                .append(": ")
                                .append(h.getValue().asString())
                                .append("\r\n"));
        if (exchange.path("encoding").asString("").equals("gzip")) {
            body = gzip(body);
            more.append("Content-Encoding: gzip\r\n");
        }
        return bytes(
                "POST "
                        + exchange.path("path").asString()
                        + " HTTP/1.1\r\n"
                        + start(exchange)
                        + "User-Agent: demo/1\r\nContent-Type: application/json\r\n"
                        + more
                        + "Content-Length: "
                        + body.length
                        + "\r\n\r\n",
                body);
    }

    private byte[] handshake(JsonNode exchange) {
        byte[] key = new byte[16];
        random.nextBytes(key);
        return bytes(
                "GET "
                        + exchange.path("path").asString()
                        + " HTTP/1.1\r\n"
                        + start(exchange)
                        + "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                        + Base64.getEncoder().encodeToString(key)
                        + "\r\n\r\n",
                new byte[0]);
    }

    private String start(JsonNode exchange) {
        return "Host: "
                + exchange.path("host").asString()
                + "\r\nx-demo: "
                + (all.size() + 1)
                + "\r\n";
    }

    private static byte[] bytes(String head, byte[] body) {
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
        request.writeBytes(body);
        return request.toByteArray();
    }

    private static byte[] gzip(byte[] body) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }
}
