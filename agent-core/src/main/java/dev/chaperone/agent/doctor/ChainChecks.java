// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import dev.chaperone.agent.sync.KeptIssuance;
import dev.chaperone.agent.sync.ServerLink;
import dev.chaperone.agent.sync.SyncStatus;
import dev.chaperone.agent.sync.SystemTrust;
import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.model.sync.Issuance;
import dev.chaperone.pki.OrganisationRoot;
import dev.chaperone.pki.PkiException;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Where an enrolled device belongs, and whether the certificates that it opens services with hold.
 */
final class ChainChecks {
    /** A device in touch with its server has more than twice as much. */
    private static final Duration SOON = Duration.ofDays(30);

    private static final int MOST_NAMES = 10;

    private final Path folder;
    private final CheckList checks;

    private ChainChecks(Path folder, String language) {
        this.folder = folder;
        this.checks = new CheckList("chain", language);
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
                    all.checks.ok("chain", "chain.own");
                    all.checks.evidence(
                            folder.resolve("certificates") + ": nothing of the server's");
                }
            }
        } catch (IOException | PkiException e) {
            all.checks.bad("chain", "chain.damaged");
            all.checks.evidence(
                    folder.resolve("server.json")
                            + ", "
                            + folder.resolve("certificates")
                            + ": "
                            + e.getClass().getSimpleName());
        }
        return all.checks.all();
    }

    private void fleet(ServerLink link) {
        long version = SyncStatus.read(folder).map(SyncStatus::policyVersion).orElse(0L);
        String group = link.group();
        checks.ok(
                "fleet",
                version > 0 ? "fleet.policy" : "fleet",
                group == null ? "–" : group,
                version);
        checks.evidence(
                folder.resolve("server.json") + "; sync-status.json: policyVersion=" + version);
    }

    private void chain(KeptIssuance kept) {
        X509Certificate root = kept.trusted().getFirst();
        String name = root.getSubjectX500Principal().getName();
        String sha256 = OrganisationRoot.fingerprint(root);
        int services = kept.answer().intermediates().size();
        Optional<Instant> end = kept.expires();
        Instant now = Instant.now();
        if (end.isEmpty()) {
            checks.bad("chain", "chain.none", name, sha256);
        } else if (end.get().isBefore(now)) {
            checks.bad("chain", "chain.expired", name, sha256, services, end.get());
        } else if (end.get().isBefore(now.plus(SOON))) {
            checks.note("chain", "chain.ending", name, sha256, services, end.get());
        } else {
            checks.ok("chain", "chain.ok", name, sha256, services, end.get());
        }
        checks.evidence(
                "%s: %d intermediates, received %s, first end %s"
                        .formatted(
                                folder.resolve("certificates"),
                                services,
                                kept.received(),
                                end.map(Instant::toString).orElse("none")));
    }

    /** Each root, since a client that misses one fails when the next begins to sign. */
    private void trust(KeptIssuance kept) {
        List<String> trusted = new SystemTrust().of(kept.trusted());
        if (trusted == null) {
            checks.note("root-trust", "trust.unknown", folder.resolve("ca.pem"));
            checks.evidence("no trust store of this system that can be read");
            return;
        }
        List<String> missing =
                kept.trusted().stream()
                        .filter(r -> !trusted.contains(OrganisationRoot.fingerprint(r)))
                        .map(r -> r.getSubjectX500Principal().getName())
                        .toList();
        if (missing.isEmpty()) {
            checks.ok("root-trust", "trust.all", kept.trusted().size());
        } else {
            checks.note(
                    "root-trust",
                    "trust.missing",
                    String.join("; ", missing),
                    folder.resolve("ca.pem"));
        }
        checks.evidence(
                kept.trusted().stream()
                        .map(OrganisationRoot::fingerprint)
                        .map(f -> "SHA-256 " + f + (trusted.contains(f) ? ": held" : ": lacking"))
                        .collect(Collectors.joining("; ")));
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
            checks.note(
                    "not-opened",
                    "refused",
                    refused.size() > MOST_NAMES ? names + " …" : names,
                    refused.size());
            checks.evidence(folder.resolve("certificates") + ": refused=" + refused.size());
        }
    }
}
