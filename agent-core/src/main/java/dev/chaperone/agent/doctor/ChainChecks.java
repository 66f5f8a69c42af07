// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import dev.chaperone.agent.Words;
import dev.chaperone.agent.sync.KeptIssuance;
import dev.chaperone.agent.sync.ServerLink;
import dev.chaperone.agent.sync.SyncStatus;
import dev.chaperone.agent.sync.SystemTrust;
import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.model.ipc.AgentStatus.State;
import dev.chaperone.model.sync.Issuance;
import dev.chaperone.pki.OrganisationRoot;
import dev.chaperone.pki.PkiException;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where an enrolled device belongs, and whether the certificates that it opens services with hold.
 */
final class ChainChecks {
    /** A device in touch with its server has more than twice as much. */
    private static final Duration SOON = Duration.ofDays(30);

    private static final int MOST_NAMES = 10;

    private final Path folder;
    private final Words words;
    private final List<Check> checks = new ArrayList<>();

    private ChainChecks(Path folder, String language) {
        this.folder = folder;
        this.words = Words.of("dev.chaperone.agent.doctor.chain", language);
    }

    /**
     * The conditions in order; none for a device that is not enrolled.
     *
     * @param language of the reader, a BCP 47 tag
     */
    static List<Check> examine(Path folder, String language) {
        ChainChecks all = new ChainChecks(folder, language);
        try {
            Optional<ServerLink> link = ServerLink.read(folder);
            if (link.isPresent()) {
                all.fleet(link.get());
                Optional<KeptIssuance> kept = KeptIssuance.read(folder, link.get());
                if (kept.isPresent()) {
                    all.chain(kept.get());
                    all.trust(kept.get());
                    all.refused(kept.get());
                } else {
                    all.add("chain", State.OK, "chain.own");
                }
            }
        } catch (IOException | PkiException e) {
            all.add("chain", State.BAD, "chain.damaged");
        }
        return List.copyOf(all.checks);
    }

    private void fleet(ServerLink link) {
        long version = SyncStatus.read(folder).map(SyncStatus::policyVersion).orElse(0L);
        String group = link.group();
        add(
                "fleet",
                State.OK,
                version > 0 ? "fleet.policy" : "fleet",
                group == null ? "–" : group,
                version);
    }

    private void chain(KeptIssuance kept) {
        X509Certificate root = kept.trusted().getFirst();
        String name = root.getSubjectX500Principal().getName();
        String sha256 = OrganisationRoot.fingerprint(root);
        int services = kept.answer().intermediates().size();
        Optional<Instant> end = kept.expires();
        Instant now = Instant.now();
        if (end.isEmpty()) {
            add("chain", State.BAD, "chain.none", name, sha256);
        } else if (end.get().isBefore(now)) {
            add("chain", State.BAD, "chain.expired", name, sha256, services, end.get());
        } else {
            boolean soon = end.get().isBefore(now.plus(SOON));
            add(
                    "chain",
                    soon ? State.NOTE : State.OK,
                    soon ? "chain.ending" : "chain.ok",
                    name,
                    sha256,
                    services,
                    end.get());
        }
    }

    /** Each root, since a client that misses one fails when the next begins to sign. */
    private void trust(KeptIssuance kept) {
        List<String> trusted = new SystemTrust().of(kept.trusted());
        if (trusted == null) {
            add("root-trust", State.NOTE, "trust.unknown", folder.resolve("ca.pem"));
            return;
        }
        List<String> missing =
                kept.trusted().stream()
                        .filter(r -> !trusted.contains(OrganisationRoot.fingerprint(r)))
                        .map(r -> r.getSubjectX500Principal().getName())
                        .toList();
        if (missing.isEmpty()) {
            add("root-trust", State.OK, "trust.all", kept.trusted().size());
        } else {
            add(
                    "root-trust",
                    State.NOTE,
                    "trust.missing",
                    String.join("; ", missing),
                    folder.resolve("ca.pem"));
        }
    }

    private void refused(KeptIssuance kept) {
        List<Issuance.Refused> refused = kept.answer().refused();
        if (!refused.isEmpty()) {
            String names =
                    String.join(
                            ", ",
                            refused.stream()
                                    .limit(MOST_NAMES)
                                    .map(r -> r.host() + " (" + r.reason() + ")")
                                    .toList());
            add(
                    "not-opened",
                    State.NOTE,
                    "refused",
                    refused.size() > MOST_NAMES ? names + " …" : names,
                    refused.size());
        }
    }

    private void add(String name, State state, String key, Object... values) {
        String remedy = key + ".remedy";
        checks.add(
                new Check(
                        name,
                        state,
                        words.say(key, values),
                        words.knows(remedy) ? words.say(remedy, values) : ""));
    }
}
