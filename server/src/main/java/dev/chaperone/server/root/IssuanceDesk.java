// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.root;

import dev.chaperone.model.service.AiService;
import dev.chaperone.model.sync.Issuance;
import dev.chaperone.pki.CertificateRequests;
import dev.chaperone.pki.OrganisationRoot;
import dev.chaperone.pki.Pem;
import dev.chaperone.pki.PkiException;
import dev.chaperone.policies.NeverDecrypt;
import dev.chaperone.policies.PolicyDocument;
import dev.chaperone.policies.catalogue.CatalogueLoader;
import dev.chaperone.server.enrol.Device;
import dev.chaperone.server.enrol.Issuing;
import dev.chaperone.server.http.Problem;
import dev.chaperone.server.policy.PolicyShelf;
import dev.chaperone.server.store.Sql;
import dev.chaperone.server.store.Storage;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Signs one intermediate for each service of which a device opens a name that the server opens too.
 * A device costs about 70 signatures: more than the machine has cores at a time wait, and those
 * that waited too long are told to come back. A device waits once at a time, so that none keeps
 * others out.
 */
public final class IssuanceDesk implements Issuing {
    private static final int MAX_SERVICES = 500;
    private static final int MAX_NAMES = 5000;
    private static final int MAX_ID = 64;
    private static final int MAX_NAME = 253; // RFC 1035 §2.3.4
    private static final long WAIT_SECONDS = 5;

    private final Storage storage;
    private final InstantSource clock;
    private final OrganisationRoots roots;
    private final PolicyShelf shelf;
    private final List<AiService> own;
    private final NeverDecrypt never = NeverDecrypt.shipped();
    private final Semaphore hands =
            new Semaphore(Math.max(2, Runtime.getRuntime().availableProcessors()), true);
    private final Set<Long> waiting = ConcurrentHashMap.newKeySet();
    private final AtomicReference<@Nullable Opened> opened = new AtomicReference<>();

    /** Openings under one version of the policy; 0 for none. */
    private record Opened(long policy, Openings openings, String digest) {}

    /**
     * @param own the company's own services, before those that ship
     */
    public IssuanceDesk(
            Storage storage,
            InstantSource clock,
            OrganisationRoots roots,
            PolicyShelf shelf,
            List<AiService> own) {
        this.storage = storage;
        this.clock = clock;
        this.roots = roots;
        this.shelf = shelf;
        this.own = List.copyOf(own);
    }

    @Override
    public Issuance.Answer sign(Device device, Issuance.Request request)
            throws InterruptedException {
        PublicKey key = key(request);
        Opened now = opened();
        OrganisationRoots.Kept current = roots.current();
        if (!waiting.add(device.n())) {
            throw Problem.overloaded();
        }
        Issuance.Answer answer;
        try {
            answer = inTurn(current.root(), key, request, now);
        } finally {
            waiting.remove(device.n());
        }
        Instant at = clock.instant();
        storage.write(c ->
                Sql.update(
                        c,
                        "update device set issued = ?, issued_root = ? where n = ?",
                        at.toEpochMilli(),
                        current.id(),
                        device.n()));
        return answer;
    }

    private Issuance.Answer inTurn(
            OrganisationRoot root, PublicKey key, Issuance.Request request, Opened opened)
            throws InterruptedException {
        if (!hands.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS)) {
            throw Problem.overloaded();
        }
        try {
            return sign(root, key, request, opened);
        } finally {
            hands.release();
        }
    }

    private Issuance.Answer sign(
            OrganisationRoot root, PublicKey key, Issuance.Request request, Opened opened) {
        Instant now = clock.instant();
        List<Issuance.Intermediate> signed = new ArrayList<>();
        List<Issuance.Refused> refused = new ArrayList<>();
        for (Issuance.Service service : request.services()) {
            List<String> names = new ArrayList<>();
            for (String host : service.hosts()) {
                Optional<String> why = opened.openings.refusal(service.id(), host);
                if (why.isPresent()) {
                    refused.add(new Issuance.Refused(service.id(), host, why.get()));
                } else {
                    names.add(host);
                }
            }
            if (!names.isEmpty()) {
                signed.add(
                        new Issuance.Intermediate(
                                service.id(),
                                Pem.encode(root.signIntermediate(service.id(), key, names, now))));
            }
        }
        StringBuilder chain = new StringBuilder();
        root.presented().forEach(c -> chain.append(Pem.encode(c)));
        List<String> trusted =
                roots.all().stream().map(k -> Pem.encode(k.root().certificate())).toList();
        return new Issuance.Answer(signed, chain.toString(), trusted, refused, state(opened));
    }

    @Override
    public String state() throws InterruptedException {
        return state(opened());
    }

    private String state(Opened opened) {
        return roots.state() + "." + opened.digest;
    }

    /** A name that devices open, to try a new root with. */
    String sample() throws InterruptedException {
        return opened().openings
                .sample()
                .orElseThrow(() ->
                        new Problem(
                                409,
                                "CHP-SRV-050",
                                "no service is open, so that a root cannot be tried; publish a"
                                        + " policy that opens one"));
    }

    private Opened opened() throws InterruptedException {
        long version = shelf.version();
        Opened known = opened.get();
        if (known == null || known.policy != version) {
            PolicyDocument document =
                    shelf.document()
                            .map(d ->
                                    PolicyDocument.parse(
                                            d.getBytes(StandardCharsets.UTF_8), "published"))
                            .orElseGet(PolicyDocument::baseline);
            // Read when a device asks, and not kept: names are all that is needed of it.
            List<AiService> catalogue = CatalogueLoader.with(CatalogueLoader.shipped(), own);
            Openings openings = new Openings(catalogue, document.services(), never);
            known = new Opened(version, openings, openings.digest());
            opened.set(known);
        }
        return known;
    }

    private static PublicKey key(Issuance.Request request) {
        Set<String> ids = new HashSet<>();
        int names = 0;
        boolean sound = request.csr() != null && request.services().size() <= MAX_SERVICES;
        for (Issuance.Service service : sound ? request.services() : List.<Issuance.Service>of()) {
            names += service.hosts().size();
            sound &=
                    given(service.id(), MAX_ID)
                            && ids.add(service.id())
                            && service.hosts().stream().allMatch(h -> given(h, MAX_NAME));
        }
        if (!sound || names > MAX_NAMES) {
            throw Problem.badRequest(
                    "csr and services are needed: each id once, at most "
                            + MAX_SERVICES
                            + " with at most "
                            + MAX_NAMES
                            + " names in all");
        }
        try {
            return CertificateRequests.verify(request.csr());
        } catch (PkiException e) {
            throw new Problem(400, "CHP-SRV-013", String.valueOf(e.getMessage()));
        }
    }

    private static boolean given(@Nullable String text, int most) {
        return text != null && !text.isEmpty() && text.length() <= most;
    }
}
