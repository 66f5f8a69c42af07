// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.sync;

import dev.chaperone.agent.DataFolder;
import dev.chaperone.agent.os.KeyVault;
import dev.chaperone.inspector.tls.OpenHosts;
import dev.chaperone.model.sync.Issuance;
import dev.chaperone.pki.CertificateRequests;
import dev.chaperone.pki.FleetIntermediates;
import dev.chaperone.pki.IntermediateSource;
import dev.chaperone.pki.Keys;
import dev.chaperone.pki.Pem;
import dev.chaperone.pki.PkiException;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The intermediates that the organisation signed for this device, kept on disk and replaced as a
 * whole (docs/adr/0015). What cannot be verified is never used: the last good ones stay. Reading is
 * thread-safe; one thread accepts.
 */
public final class FleetCertificates implements IntermediateSource {
    /**
     * With less left they are renewed. They are valid for 90: a device that was in touch with its
     * server at any time works for 60 days without it, and two weeks of trying.
     */
    static final Duration RENEW_BELOW = Duration.ofDays(75);

    /** Where the root itself ends soon, certificates cannot get longer by asking more often. */
    private static final Duration ASK_AGAIN = Duration.ofHours(6);

    /** An address is no name: no certificate vouches for it, and no client asks for one. */
    private static final String ADDRESS = "[0-9.]+|.*:.*";

    private final Path dataDir;
    private final String device;
    private final KeyPair keys;

    /** The device's own root, which clients may still trust from before. */
    private final Optional<X509Certificate> own;

    private final AtomicReference<State> state;

    private record State(KeptIssuance kept, FleetIntermediates intermediates) {}

    private FleetCertificates(
            Path dataDir, String device, KeyPair keys, Optional<X509Certificate> own, State state) {
        this.dataDir = dataDir;
        this.device = device;
        this.keys = keys;
        this.own = own;
        this.state = new AtomicReference<>(state);
    }

    /** What an agent asks for: each opened service with its names. */
    public static List<Issuance.Service> wanted(OpenHosts hosts) {
        List<Issuance.Service> wanted = new ArrayList<>();
        hosts.openNames()
                .forEach((id, names) -> {
                    List<String> real = names.stream().filter(n -> !n.matches(ADDRESS)).toList();
                    if (!real.isEmpty()) {
                        wanted.add(new Issuance.Service(id, real));
                    }
                });
        return wanted;
    }

    /**
     * Those of an enrolled device. From here on they are in force: the key of the device's own root
     * is deleted, also that of a device which enrolled with a version that kept it.
     *
     * @return empty when its server signs none: the device uses its own root
     * @throws IOException with one line when they are damaged
     */
    public static Optional<FleetCertificates> load(Path dataDir, ServerLink link, KeyVault vault)
            throws IOException {
        Optional<KeptIssuance> found = KeptIssuance.read(dataDir, link);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        KeptIssuance kept = found.get();
        byte[] key =
                vault.get(kept.keyName())
                        .orElseThrow(() ->
                                new IOException(
                                        "the key of the device's certificates is gone; enrol again:"
                                                + " chaperone enroll TOKEN"));
        try {
            KeyPair keys =
                    new KeyPair(
                            Keys.publicKey(Base64.getDecoder().decode(kept.publicKey())),
                            Keys.privateKey(key));
            // As of the day they came: that they have ended since is for doctor to say.
            State state = new State(kept, verified(keys, kept, kept.received()));
            DataFolder.trust(dataDir, kept.trusted(), vault);
            DataFolder.retireOwn(vault);
            return Optional.of(
                    new FleetCertificates(
                            dataDir, link.device(), keys, DataFolder.own(dataDir), state));
        } catch (PkiException | IllegalArgumentException e) {
            throw new IOException(
                    "the device's certificates are damaged ("
                            + e.getMessage()
                            + "); enrol again: chaperone enroll TOKEN",
                    e);
        }
    }

    /**
     * Keeps what came with an enrolment, beside what is in force: nothing uses it before {@code
     * server.json} names its device.
     *
     * @throws PkiException with one line when it cannot be used; nothing is written then
     */
    static void keepFirst(
            Path dataDir,
            ServerLink link,
            KeyVault vault,
            KeyPair keys,
            List<Issuance.Service> asked,
            Issuance.Answer answer,
            Instant now)
            throws IOException {
        KeptIssuance kept =
                new KeptIssuance(
                        KeptIssuance.nextKeyName(dataDir),
                        Base64.getEncoder().encodeToString(keys.getPublic().getEncoded()),
                        asked,
                        answer,
                        now);
        FleetIntermediates ignored = verified(keys, kept, now);
        vault.put(kept.keyName(), keys.getPrivate().getEncoded());
        kept.write(dataDir, link.device());
    }

    private static FleetIntermediates verified(KeyPair keys, KeptIssuance kept, Instant now) {
        Map<String, List<String>> asked = new HashMap<>();
        kept.asked().forEach(s -> asked.put(s.id(), s.hosts()));
        Map<String, X509Certificate> signed = new HashMap<>();
        for (Issuance.Intermediate one : kept.answer().intermediates()) {
            List<X509Certificate> certificate = Pem.decodeAll(one.certificate());
            if (certificate.size() != 1) {
                throw new PkiException("the certificate of a service cannot be read", null);
            }
            signed.put(one.service(), certificate.getFirst());
        }
        return FleetIntermediates.verified(
                keys,
                asked,
                signed,
                Pem.decodeAll(kept.answer().chain()),
                kept.trusted().getFirst(),
                now);
    }

    /**
     * Whether to ask the server.
     *
     * @param wanted what the agent opens now
     * @param answerState what the server said its answer would depend on, or null
     */
    boolean due(List<Issuance.Service> wanted, @Nullable String answerState, Instant now) {
        State present = state.get();
        KeptIssuance kept = present.kept;
        boolean ending =
                present.intermediates
                        .expires()
                        .filter(end -> end.isBefore(now.plus(RENEW_BELOW)))
                        .isPresent();
        return !wanted.equals(kept.asked())
                || answerState != null && !answerState.equals(kept.answer().state())
                || ending && now.isAfter(kept.received().plus(ASK_AGAIN));
    }

    Issuance.Request request(List<Issuance.Service> wanted) {
        return new Issuance.Request(CertificateRequests.create(keys), wanted);
    }

    /**
     * Takes an answer, when it holds: the file first, then what clients are to trust, then the next
     * handshake.
     *
     * @throws PkiException with one line when it does not; nothing changes then
     */
    void accept(List<Issuance.Service> asked, Issuance.Answer answer, KeyVault vault, Instant now)
            throws IOException {
        KeptIssuance before = state.get().kept;
        KeptIssuance kept =
                new KeptIssuance(before.keyName(), before.publicKey(), asked, answer, now);
        State fresh = new State(kept, verified(keys, kept, now));
        kept.write(dataDir, device);
        DataFolder.trust(dataDir, kept.trusted(), vault);
        state.set(fresh);
    }

    /** What clients must trust, the root of the present chains first. */
    List<X509Certificate> roots() {
        return state.get().kept.trusted();
    }

    @Override
    public Optional<Intermediate> intermediate(
            String serviceId, Collection<String> hosts, String host, Instant now) {
        return state.get().intermediates.intermediate(serviceId, hosts, host, now);
    }

    @Override
    public List<X509Certificate> authorities() {
        List<X509Certificate> all = new ArrayList<>(state.get().intermediates.authorities());
        own.ifPresent(all::add);
        return all;
    }
}
