// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.policy;

import dev.chaperone.server.admin.AdminKeys;
import dev.chaperone.server.enrol.ClientCertificates;
import dev.chaperone.server.http.Bodies;
import dev.chaperone.server.http.Problem;
import dev.chaperone.server.http.Replies;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/** {@code PUT /api/v1/policy} for administrators, {@code GET /v1/policy} for devices. */
public final class PolicyRoutes {
    private static final int MAX_DOCUMENT = 1 << 20;

    private final PolicyShelf shelf;
    private final AdminKeys admins;
    private final ClientCertificates clients;

    public PolicyRoutes(PolicyShelf shelf, AdminKeys admins, ClientCertificates clients) {
        this.shelf = shelf;
        this.admins = admins;
        this.clients = clients;
    }

    public void console(HttpRouting.Builder routing) {
        routing.put("/api/v1/policy", this::publish);
    }

    public void agents(HttpRouting.Builder routing) {
        routing.get("/v1/policy", this::fetch);
    }

    private void publish(ServerRequest request, ServerResponse response)
            throws InterruptedException {
        String actor = admins.require(request);
        String name = request.query().first("name").orElse("policy.yaml");
        if (!name.matches("[\\w. /\\\\:-]{1,255}")) {
            throw Problem.badRequest("name is a file name of at most 255 characters");
        }
        PolicyShelf.Published published =
                shelf.publish(actor, name, Bodies.read(request, MAX_DOCUMENT));
        Replies.json(
                response,
                201,
                Map.of("version", published.version(), "expires", published.expires()));
    }

    private void fetch(ServerRequest request, ServerResponse response) throws InterruptedException {
        clients.require(request);
        PolicyShelf.Published published =
                shelf.current().orElseThrow(() -> Problem.notFound("no policy is published"));
        response.header(HeaderNames.ETAG, published.etag());
        if (known(request, published.etag())) {
            response.status(304).send();
        } else {
            Replies.send(
                    response,
                    200,
                    "application/json",
                    published.envelope().getBytes(StandardCharsets.UTF_8));
        }
    }

    /** {@code If-None-Match} compares weakly (RFC 9110 §13.1.2). */
    private static boolean known(ServerRequest request, String etag) {
        String header = request.headers().first(HeaderNames.IF_NONE_MATCH).orElse("");
        return Arrays.stream(header.split(","))
                .map(String::strip)
                .map(tag -> tag.startsWith("W/") ? tag.substring(2) : tag)
                .anyMatch(tag -> tag.equals(etag) || tag.equals("*"));
    }
}
