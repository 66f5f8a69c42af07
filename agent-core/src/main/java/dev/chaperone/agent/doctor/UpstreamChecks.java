// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import dev.chaperone.inspector.tls.UpstreamTrust;
import dev.chaperone.installer.Machine;
import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.pki.OrganisationRoot;
import dev.chaperone.pki.Pem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Whether somebody else opens the connections to AI services: the anchor that vouched for an
 * upstream is one that was added on this machine, not one of the distribution's. Verification is
 * strict all the same.
 */
final class UpstreamChecks {
    private static final Duration RECENT = Duration.ofDays(1);

    /**
     * Where the distribution keeps its own anchors as files; where it does, no other is its own.
     */
    private static final String SHIPPED = "/usr/share/ca-certificates";

    /** An administrator's: update-ca-certificates(8), update-ca-trust(8), trust(1). */
    private static final List<String> ADDED =
            List.of(
                    "/usr/local/share/ca-certificates",
                    "/etc/pki/ca-trust/source/anchors",
                    "/etc/pki/trust/anchors",
                    "/etc/ca-certificates/trust-source/anchors");

    private static final int DEPTH = 3;

    private UpstreamChecks() {}

    static List<Check> examine(Path folder, Machine machine, String language) {
        CheckList checks = new CheckList("device", language);
        Instant since = Instant.now().minus(RECENT);
        List<UpstreamEvidence> recent =
                UpstreamEvidence.read(folder).stream()
                        .filter(e -> e.last().isAfter(since))
                        .toList();
        if (recent.isEmpty()) {
            return List.of(); // nothing was opened lately: nothing can be said
        }
        Set<String> added = fingerprints(machine, ADDED);
        Set<String> shipped = fingerprints(machine, List.of(SHIPPED));
        if (shipped.isEmpty()) {
            shipped = bundle(machine);
            shipped.removeAll(added);
        }
        boolean any = false;
        for (UpstreamEvidence anchor : recent) {
            if (!shipped.contains(anchor.sha256())) {
                any = true;
                checks.note("foreign-inspector", "foreign", anchor.subject(), anchor.last());
                checks.evidence(
                        "anchor "
                                + anchor.subject()
                                + " SHA-256 "
                                + anchor.sha256()
                                + (added.contains(anchor.sha256())
                                        ? ", added on this machine"
                                        : ", not of the distribution"));
            }
        }
        if (!any) {
            checks.ok("foreign-inspector", "foreign.none", recent.size());
            checks.evidence(
                    String.join("; ", recent.stream().map(UpstreamEvidence::subject).toList()));
        }
        return checks.all();
    }

    private static Set<String> bundle(Machine machine) {
        Set<String> found = new HashSet<>();
        Optional<Path> bundle = UpstreamTrust.systemBundle().map(b -> machine.path(b.toString()));
        bundle.ifPresent(b ->
                MachineChecks.certificates(b)
                        .forEach(c -> found.add(OrganisationRoot.fingerprint(c))));
        return found;
    }

    private static Set<String> fingerprints(Machine machine, List<String> folders) {
        Set<String> found = new HashSet<>();
        for (String folder : folders) {
            Path path = machine.path(folder);
            if (!Files.isDirectory(path)) {
                continue;
            }
            try (Stream<Path> files = Files.walk(path, DEPTH)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Pem.decodeAll(Files.readString(file, StandardCharsets.ISO_8859_1))
                            .forEach(c -> found.add(OrganisationRoot.fingerprint(c)));
                }
            } catch (IOException e) {
                // What cannot be read by us is read by nobody else either.
            }
        }
        return found;
    }
}
