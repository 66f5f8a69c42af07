// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.root;

import dev.chaperone.pki.Pem;
import dev.chaperone.server.admin.AdminKeys;
import dev.chaperone.server.admin.Audit;
import dev.chaperone.server.http.Bodies;
import dev.chaperone.server.http.Json;
import dev.chaperone.server.http.Problem;
import dev.chaperone.server.http.Replies;
import dev.chaperone.server.store.Storage;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The organisation's roots for administrators, on the console listener. */
public final class RootRoutes {
    private static final int MAX_CERTIFICATES = 256 << 10;
    private static final int MAX_BODY = 1024;

    private final Storage storage;
    private final InstantSource clock;
    private final AdminKeys keys;
    private final Audit audit;
    private final OrganisationRoots roots;
    private final IssuanceDesk desk;

    public RootRoutes(
            Storage storage,
            InstantSource clock,
            AdminKeys keys,
            Audit audit,
            OrganisationRoots roots,
            IssuanceDesk desk) {
        this.storage = storage;
        this.clock = clock;
        this.keys = keys;
        this.audit = audit;
        this.roots = roots;
        this.desk = desk;
    }

    public void console(HttpRouting.Builder routing) {
        routing.get("/api/v1/roots", this::list);
        routing.post("/api/v1/roots", this::take);
        routing.post("/api/v1/roots/request", this::request);
        routing.post("/api/v1/roots/roll", this::roll);
        routing.post("/api/v1/roots/promote", this::promote);
        routing.post("/api/v1/roots/retire", this::retire);
    }

    /**
     * A root as administrators see it.
     *
     * @param subject of the certificate that clients must trust
     * @param sha256 of that certificate, 64 hex digits
     * @param signer subject of the certificate that signs: the same, or below the company's root
     * @param notAfter end of the first certificate to end
     * @param since when it got its role
     * @param devices active devices that present chains of it
     * @param notTrusting active devices that do not say that their system trusts it
     * @param certificate what clients must trust, PEM
     */
    private record View(
            String id,
            String role,
            String subject,
            String sha256,
            String signer,
            Instant notAfter,
            Instant since,
            long devices,
            long notTrusting,
            String certificate) {}

    private static View view(OrganisationRoots.Kept kept, RootFacts facts) {
        X509Certificate anchor = kept.root().certificate();
        String fingerprint = OrganisationRoots.fingerprint(kept);
        return new View(
                kept.id(),
                kept.role().text(),
                anchor.getSubjectX500Principal().getName(),
                fingerprint,
                kept.root().identity().certificate().getSubjectX500Principal().getName(),
                kept.root().chain().stream()
                        .map(c -> c.getNotAfter().toInstant())
                        .min(Instant::compareTo)
                        .orElseThrow(),
                kept.since(),
                facts.holders(kept.id()),
                facts.notTrusting(fingerprint),
                Pem.encode(anchor));
    }

    private View view(OrganisationRoots.Kept kept) throws InterruptedException {
        return view(kept, new RootFacts(storage, clock.instant()));
    }

    private void list(ServerRequest request, ServerResponse response) throws InterruptedException {
        audit.record(keys.require(request), "read roots", "all");
        RootFacts facts = new RootFacts(storage, clock.instant());
        List<View> views = roots.all().stream().map(k -> view(k, facts)).toList();
        Replies.json(
                response, 200, Map.of("roots", views, "requested", roots.requested().isPresent()));
    }

    private void request(ServerRequest request, ServerResponse response)
            throws InterruptedException {
        String actor = keys.require(request);
        Replies.json(response, 201, Map.of("csr", roots.request(actor)));
    }

    /**
     * Body of {@code POST /api/v1/roots}.
     *
     * @param certificates PEM, in any order
     */
    private record Certificates(@Nullable String certificates) {}

    private void take(ServerRequest request, ServerResponse response) throws InterruptedException {
        String actor = keys.require(request);
        Certificates body = Json.read(Bodies.read(request, MAX_CERTIFICATES), Certificates.class);
        List<X509Certificate> given =
                Pem.decodeAll(Objects.requireNonNullElse(body.certificates(), ""));
        if (given.isEmpty()) {
            throw Problem.badRequest("certificates, PEM, are needed");
        }
        Replies.json(response, 201, view(roots.take(actor, given, desk.sample())));
    }

    private void roll(ServerRequest request, ServerResponse response) throws InterruptedException {
        String actor = keys.require(request);
        Replies.json(response, 201, view(roots.roll(actor)));
    }

    /**
     * Body of {@code promote} and {@code retire}.
     *
     * @param force although devices would notice
     * @param role of the root that goes: {@code previous} or {@code next}
     */
    private record Step(boolean force, @Nullable String role) {}

    private void promote(ServerRequest request, ServerResponse response)
            throws InterruptedException {
        String actor = keys.require(request);
        Step step = Json.read(Bodies.read(request, MAX_BODY), Step.class);
        Replies.json(response, 200, view(roots.promote(actor, step.force())));
    }

    private void retire(ServerRequest request, ServerResponse response)
            throws InterruptedException {
        String actor = keys.require(request);
        Step step = Json.read(Bodies.read(request, MAX_BODY), Step.class);
        OrganisationRoots.Role role =
                OrganisationRoots.role(Objects.requireNonNullElse(step.role(), "previous"));
        if (role == null) {
            throw Problem.badRequest("role is previous or next");
        }
        Replies.json(
                response, 200, Map.of("retired", roots.retire(actor, role, step.force()).id()));
    }
}
