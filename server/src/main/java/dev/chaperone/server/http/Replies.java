// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.http;

import dev.chaperone.server.store.StorageException;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** What handlers answer with. */
public final class Replies {
    private static final Logger LOG = System.getLogger(Replies.class.getName());

    private static final String PROBLEM = "application/problem+json";

    /** Seconds after which a server that cannot now may be asked again, drawn evenly. */
    private static final int RETRY_FROM = 2;

    private static final int RETRY_TO = 15;

    private Replies() {}

    public static void json(ServerResponse response, int status, Object body) {
        send(response, status, "application/json", Json.MAPPER.writeValueAsBytes(body));
    }

    public static void send(ServerResponse response, int status, String type, byte[] body) {
        response.status(status)
                .header(HeaderNames.CONTENT_TYPE, type)
                .header(HeaderNames.CACHE_CONTROL, "no-store")
                .header("x-content-type-options", "nosniff");
        response.send(body);
    }

    /** Turns what handlers throw into problems, and what no handler takes into 404. */
    public static void install(HttpRouting.Builder routing) {
        routing.any((_, _) -> {
            throw Problem.notFound("there is no such resource");
        });
        routing.error(Problem.class, (_, response, problem) -> problem(response, problem));
        routing.error(
                StorageException.class,
                (_, response, e) ->
                        problem(
                                response,
                                e.overloaded()
                                        ? Problem.overloaded()
                                        : new Problem(
                                                503,
                                                "CHP-SRV-004",
                                                "the database does not take it: "
                                                        + e.getMessage())));
        routing.error(Exception.class, Replies::bug);
    }

    public static void problem(ServerResponse response, Problem problem) {
        if (problem.status() == 429 || problem.status() == 503) {
            int after = ThreadLocalRandom.current().nextInt(RETRY_FROM, RETRY_TO + 1);
            response.header(HeaderNames.RETRY_AFTER, Integer.toString(after));
        }
        if (problem.status() == 401) {
            response.header(HeaderNames.WWW_AUTHENTICATE, problem.challenge());
        }
        send(response, problem.status(), PROBLEM, body(problem));
    }

    /** What Helidon answers before a handler is reached: a request that is no HTTP, mostly. */
    public static DirectHandlers direct() {
        DirectHandlers.Builder all = DirectHandlers.builder();
        for (DirectHandler.EventType event : DirectHandler.EventType.values()) {
            all.addHandler(event, Replies::direct);
        }
        return all.build();
    }

    private static DirectHandler.TransportResponse direct(
            DirectHandler.TransportRequest request,
            DirectHandler.EventType event,
            Status status,
            ServerResponseHeaders headers,
            String message) {
        Problem problem =
                switch (status.code()) {
                    case 413 -> Problem.tooLarge("the request is too large");
                    case 500 -> new Problem(500, "CHP-SRV-070", "a bug");
                    default ->
                            new Problem(status.code(), "CHP-SRV-007", "the request is not valid");
                };
        return DirectHandler.TransportResponse.builder()
                .status(status)
                .headers(headers)
                .header(HeaderNames.CONTENT_TYPE, PROBLEM)
                .keepAlive(false)
                .entity(body(problem))
                .build();
    }

    private static byte[] body(Problem problem) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("type", "about:blank");
        body.put("title", problem.code());
        body.put("status", problem.status());
        body.put("code", problem.code());
        body.put("detail", problem.detail());
        return Json.MAPPER.writeValueAsBytes(body);
    }

    /** Its class and place are told, never its message, which may quote what it choked on. */
    private static void bug(ServerRequest request, ServerResponse response, Exception e) {
        StackTraceElement[] trace = e.getStackTrace();
        LOG.log(
                Level.ERROR,
                "CHP-SRV-070 {0} at {1}",
                e.getClass().getName(),
                trace.length == 0 ? "?" : trace[0]);
        if (e instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        problem(
                response,
                new Problem(500, "CHP-SRV-070", "a bug; the server's log names its place"));
    }
}
