// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.enrol;

import dev.chaperone.model.sync.Enrolment;
import dev.chaperone.model.sync.Issuance;
import dev.chaperone.pki.CertificateRequests;
import dev.chaperone.pki.Pem;
import dev.chaperone.pki.PkiException;
import dev.chaperone.pki.ServerCa;
import dev.chaperone.server.http.Problem;
import dev.chaperone.server.http.Secrets;
import dev.chaperone.server.store.Sql;
import dev.chaperone.server.store.Storage;
import java.net.URI;
import java.security.PublicKey;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets devices in: token and certification request → client certificate. A use of the token is
 * spent in the transaction that stores the device. A device that did not get the answer asks again
 * with the same key and gets the same identity, without a second use.
 */
public final class EnrolmentDesk {
    private static final int MAX_TEXT = 255;
    private static final Set<String> SYSTEMS = Set.of("linux", "windows", "macos");

    private final Storage storage;
    private final InstantSource clock;
    private final ServerCa ca;
    private final Supplier<URI> agents;
    private final PublicKey policyKey;
    private final Issuing issuing;

    /**
     * @param agents base address of the agents' listener, as devices reach it
     * @param policyKey verifies bundles
     * @param issuing signs the device's intermediates
     */
    public EnrolmentDesk(
            Storage storage,
            InstantSource clock,
            ServerCa ca,
            Supplier<URI> agents,
            PublicKey policyKey,
            Issuing issuing) {
        this.storage = storage;
        this.clock = clock;
        this.ca = ca;
        this.agents = agents;
        this.policyKey = policyKey;
        this.issuing = issuing;
    }

    private sealed interface Admission {
        record Admitted(Device device) implements Admission {}

        record Refused(int status, String code, String why) implements Admission {}
    }

    /** Answers a device that comes with a token. */
    Enrolment.Answer enrol(Enrolment.Request request) throws InterruptedException {
        PublicKey key = key(request);
        Instant now = clock.instant();
        String id = UUID.randomUUID().toString();
        Admission admission = storage.write(c -> admit(c, request, key, id, now));
        return switch (admission) {
            case Admission.Admitted(Device device) ->
                    answer(
                            device,
                            key,
                            now,
                            request.issuing() == null
                                    ? null
                                    : issuing.sign(device, request.issuing()));
            case Admission.Refused(int status, String code, String why) ->
                    throw new Problem(status, code, why);
        };
    }

    /** Answers a device that has a certificate. */
    Enrolment.Answer renew(Device device, Enrolment.Request request) throws InterruptedException {
        PublicKey key = key(request);
        Instant now = clock.instant();
        storage.write(c ->
                Sql.update(
                        c,
                        "update device set host = ?, os = ?, version = ? where n = ?",
                        request.host(),
                        request.os(),
                        request.version(),
                        device.n()));
        return answer(device, key, now, null);
    }

    private Admission admit(
            Connection c, Enrolment.Request request, PublicKey key, String id, Instant now)
            throws SQLException {
        String hash = Secrets.hash(request.token());
        Tokens.Kept token = Tokens.find(c, hash).orElse(null);
        if (token == null) {
            return new Admission.Refused(
                    401, "CHP-SRV-010", "the enrolment token is unknown; ask for a new one");
        }
        if (!now.isBefore(token.expires())) {
            return new Admission.Refused(
                    403, "CHP-SRV-012", "the enrolment token has expired; ask for a new one");
        }
        String keyHash = ServerCa.sha256(key);
        var known = Devices.byEnrolment(c, hash, keyHash);
        if (known.isPresent()) {
            return known.get().revoked()
                    ? new Admission.Refused(403, "CHP-SRV-023", "the device was revoked")
                    : new Admission.Admitted(known.get());
        }
        if (token.uses() == 0) {
            return new Admission.Refused(
                    403, "CHP-SRV-011", "the enrolment token is used up; ask for a new one");
        }
        Tokens.spend(c, hash);
        Sql.update(
                c,
                "insert into device (id, grp, host, os, version, token, key_hash, enrolled, contact)"
                        + " values (?,?,?,?,?,?,?,?,?)",
                id,
                token.group(),
                request.host(),
                request.os(),
                request.version(),
                hash,
                keyHash,
                now.toEpochMilli(),
                now.toEpochMilli());
        return new Admission.Admitted(Devices.byId(c, id).orElseThrow());
    }

    private Enrolment.Answer answer(
            Device device, PublicKey key, Instant now, Issuance.@Nullable Answer issuance) {
        String caPem = Pem.encode(ca.certificate());
        return new Enrolment.Answer(
                device.id(),
                device.group(),
                Pem.encode(ca.clientCertificate(device.id(), key, now)) + caPem,
                caPem,
                agents.get(),
                Base64.getEncoder().encodeToString(policyKey.getEncoded()),
                issuance);
    }

    private static PublicKey key(Enrolment.Request request) {
        if (!given(request.host())
                || !SYSTEMS.contains(String.valueOf(request.os()))
                || !given(request.version())
                || request.token() == null
                || request.csr() == null) {
            throw Problem.badRequest(
                    "token, csr, host, os (linux, windows or macos) and version are needed, host"
                            + " and version of at most "
                            + MAX_TEXT
                            + " printable characters");
        }
        try {
            return CertificateRequests.verify(request.csr());
        } catch (PkiException e) {
            throw new Problem(400, "CHP-SRV-013", String.valueOf(e.getMessage()));
        }
    }

    private static boolean given(String text) {
        return text != null
                && !text.isBlank()
                && text.length() <= MAX_TEXT
                && text.chars().noneMatch(Character::isISOControl);
    }
}
