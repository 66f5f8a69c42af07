// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.admin;

import dev.chaperone.server.enrol.Devices;
import dev.chaperone.server.enrol.Tokens;
import dev.chaperone.server.http.Bodies;
import dev.chaperone.server.http.Json;
import dev.chaperone.server.http.Problem;
import dev.chaperone.server.http.Replies;
import dev.chaperone.server.store.Storage;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Sessions, tokens, devices and the audit log, on the console listener. */
public final class AdminRoutes {
    private static final int MAX_BODY = 4096;
    private static final int AUDIT_PAGE = 200;

    private final Storage storage;
    private final InstantSource clock;
    private final AdminKeys keys;
    private final Audit audit;
    private final Tokens tokens;

    public AdminRoutes(
            Storage storage, InstantSource clock, AdminKeys keys, Audit audit, Tokens tokens) {
        this.storage = storage;
        this.clock = clock;
        this.keys = keys;
        this.audit = audit;
        this.tokens = tokens;
    }

    public void console(HttpRouting.Builder routing) {
        routing.post("/api/v1/links", this::makeLink);
        routing.post("/api/v1/sessions", this::openSession);
        routing.post("/api/v1/tokens", this::issueToken);
        routing.get("/api/v1/devices", this::devices);
        routing.post("/api/v1/devices/{id}/revoke", this::revoke);
        routing.get("/api/v1/audit", this::auditLog);
    }

    private void makeLink(ServerRequest request, ServerResponse response)
            throws InterruptedException {
        audit.record(keys.require(request), "change link", "made");
        Replies.json(response, 201, keys.newLink());
    }

    /**
     * Body of {@code POST /api/v1/sessions}.
     *
     * @param secret what stands behind {@code link=} in an admin link
     */
    private record SessionRequest(@Nullable String secret) {
        @Override
        public String toString() {
            return "SessionRequest";
        }
    }

    private void openSession(ServerRequest request, ServerResponse response)
            throws InterruptedException {
        SessionRequest asked = Json.read(Bodies.read(request, MAX_BODY), SessionRequest.class);
        AdminKeys.Session session = keys.open(Objects.requireNonNullElse(asked.secret(), ""));
        audit.record("link", "change session", "opened " + session.actor());
        Replies.json(response, 201, session);
    }

    /**
     * Body of {@code POST /api/v1/tokens}.
     *
     * @param uses devices
     * @param hours life
     * @param group or null
     */
    private record TokenRequest(int uses, long hours, @Nullable String group) {}

    private void issueToken(ServerRequest request, ServerResponse response)
            throws InterruptedException {
        String actor = keys.require(request);
        TokenRequest asked = Json.read(Bodies.read(request, MAX_BODY), TokenRequest.class);
        Tokens.Terms terms;
        try {
            terms =
                    new Tokens.Terms(
                            asked.uses(),
                            Duration.ofHours(Math.min(asked.hours(), 1_000_000)),
                            asked.group());
        } catch (IllegalArgumentException e) {
            throw Problem.badRequest(String.valueOf(e.getMessage()));
        }
        audit.record(
                actor,
                "change tokens",
                "uses=" + terms.uses() + " hours=" + asked.hours() + " group=" + terms.group());
        Replies.json(response, 201, Map.of("token", tokens.issue(terms).text()));
    }

    private void devices(ServerRequest request, ServerResponse response)
            throws InterruptedException {
        audit.record(keys.require(request), "read devices", "all");
        Replies.json(response, 200, Map.of("devices", storage.read(Devices::all)));
    }

    private void revoke(ServerRequest request, ServerResponse response)
            throws InterruptedException {
        String actor = keys.require(request);
        String id = request.path().pathParameters().get("id");
        if (!id.matches("[0-9a-f-]{36}")) {
            throw Problem.notFound("there is no such device");
        }
        boolean known =
                storage.write(c -> {
                    Audit.append(c, clock.instant(), actor, "change device", "revoke " + id);
                    return Devices.revoke(c, id, clock.instant());
                });
        if (!known) {
            throw Problem.notFound("there is no such device");
        }
        Replies.json(response, 200, Map.of("revoked", id));
    }

    private void auditLog(ServerRequest request, ServerResponse response)
            throws InterruptedException {
        audit.record(keys.require(request), "read audit", "last " + AUDIT_PAGE);
        Replies.json(response, 200, Map.of("entries", audit.last(AUDIT_PAGE)));
    }
}
