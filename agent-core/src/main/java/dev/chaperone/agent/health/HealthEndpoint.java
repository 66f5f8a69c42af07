// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.health;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * {@code /livez} and {@code /metrics} over HTTP on a loopback port. Answers GET and HEAD; holds no
 * word of a prompt and no name of a person.
 */
public final class HealthEndpoint implements AutoCloseable {
    private static final int BACKLOG = 16;

    private final HttpServer server;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

    private HealthEndpoint(HttpServer server) {
        this.server = server;
    }

    /**
     * Starts to listen.
     *
     * @param at a loopback address; port 0 picks a free one
     * @param trouble why the agent cannot do its work, one line; empty when it can
     * @throws IOException when the address is not loopback or is taken
     */
    public static HealthEndpoint start(
            InetSocketAddress at,
            PrometheusMeasurements measurements,
            Supplier<Optional<String>> trouble)
            throws IOException {
        if (at.isUnresolved() || !at.getAddress().isLoopbackAddress()) {
            throw new IOException(
                    "health: the address must be loopback, such as 127.0.0.1:9421: figures are"
                            + " not for the network");
        }
        HttpServer server;
        try {
            server = HttpServer.create(at, BACKLOG);
        } catch (IOException e) {
            throw new IOException(
                    "health: cannot listen on "
                            + at.getAddress().getHostAddress()
                            + ":"
                            + at.getPort()
                            + ": the port is taken; give another",
                    e);
        }
        HealthEndpoint endpoint = new HealthEndpoint(server);
        server.setExecutor(endpoint.executor);
        server.createContext("/", e -> reply(e, 404, "text/plain", "not found\n"));
        server.createContext("/livez", e -> live(e, trouble.get()));
        server.createContext("/metrics", e -> metrics(e, measurements));
        server.start();
        return endpoint;
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    private static void live(HttpExchange exchange, Optional<String> trouble) throws IOException {
        reply(exchange, trouble.isEmpty() ? 200 : 503, "text/plain", trouble.orElse("ok") + "\n");
    }

    private static void metrics(HttpExchange exchange, PrometheusMeasurements measurements)
            throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        measurements.write(text);
        reply(
                exchange,
                200,
                "text/plain; version=0.0.4; charset=utf-8",
                text.toString(StandardCharsets.UTF_8));
    }

    private static void reply(HttpExchange exchange, int status, String type, String text)
            throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            boolean exact = path.equals(exchange.getHttpContext().getPath());
            boolean read =
                    exchange.getRequestMethod().equals("GET")
                            || exchange.getRequestMethod().equals("HEAD");
            byte[] body = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("content-type", type);
            exchange.getResponseHeaders().set("cache-control", "no-store");
            if (!read) {
                exchange.getResponseHeaders().set("allow", "GET, HEAD");
                exchange.sendResponseHeaders(405, -1);
            } else if (!exact) {
                exchange.sendResponseHeaders(404, -1);
            } else if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.sendResponseHeaders(status, -1);
            } else {
                exchange.sendResponseHeaders(status, body.length);
                exchange.getResponseBody().write(body);
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }
}
