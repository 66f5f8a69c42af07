// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import dev.chaperone.agent.OwnerRights;
import dev.chaperone.agent.Rules;
import dev.chaperone.agent.StartException;
import dev.chaperone.agent.config.AgentConfig;
import dev.chaperone.agent.machine.InstalledService;
import dev.chaperone.agent.machine.Watchdog;
import dev.chaperone.agent.os.FileKeyVault;
import dev.chaperone.agent.os.KeyVault;
import dev.chaperone.agent.store.EventReader;
import dev.chaperone.agent.sync.ServerLink;
import dev.chaperone.agent.sync.SyncStatus;
import dev.chaperone.detection.DetectionEngine;
import dev.chaperone.inspector.tls.UpstreamTrust;
import dev.chaperone.installer.Machine;
import dev.chaperone.model.decision.Action;
import dev.chaperone.model.event.Event;
import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.pki.OrganisationRoot;
import dev.chaperone.pki.Pem;
import dev.chaperone.pki.PkiException;
import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Examines every condition for being protected, from outside the agent: its files and its port. One
 * examination each; for one thread; reads files and the store.
 */
public final class Doctor {
    private static final int CONNECT_MILLIS = 1000;

    private static final int MOST_EXCEPTIONS = 2000;

    private static final String STORE = "events.db";

    /** What a commit of a few events takes. */
    private static final int PROBE = 16 << 10;

    private final Path folder;
    private final @Nullable String user;
    private final Optional<RunningAgent> running;
    private final CheckList checks;

    private Doctor(Path folder, String language, @Nullable String user) {
        this.folder = folder;
        this.user = user;
        this.checks = new CheckList("words", language);
        this.running = RunningAgent.on(folder);
    }

    /**
     * All conditions, in order.
     *
     * @param folder the agent's data folder
     * @param language of the reader, a BCP 47 tag
     * @param user pseudonym of the user whose messages are counted, or null for all users
     */
    public static List<Check> examine(Path folder, String language, @Nullable String user) {
        List<Check> all = new ArrayList<>();
        List<X509Certificate> roots;
        Optional<Path> closed = closed(folder);
        if (closed.isPresent()) {
            // What cannot be seen is not said to be well, nor to be missing.
            CheckList checks = new CheckList("words", language);
            boolean is = Files.isDirectory(closed.get());
            checks.bad("data-folder", is ? "folder.closed" : "folder.file", closed.get());
            checks.evidence(closed.get() + (is ? ": cannot be looked into" : ": is no folder"));
            return checks.all();
        }
        try (OwnerRights _ = OwnerRights.in(folder)) {
            roots = MachineChecks.certificates(folder.resolve("ca.pem"));
            all.addAll(examineFolder(folder, language, user));
        } catch (StartException e) {
            // Nothing that lies there can be believed, so nothing of it is told.
            CheckList checks = new CheckList("words", language);
            checks.broken("data-folder", e.getMessage(), "folder");
            checks.evidence(folder.toString());
            return checks.all();
        }
        all.addAll(
                MachineChecks.examine(folder, roots, language)); // people's settings: root's to see
        return List.copyOf(all);
    }

    /** The data folder or its keys, when this account cannot look into it, or it is no folder. */
    private static Optional<Path> closed(Path folder) {
        return Stream.of(folder, folder.resolve("keys"))
                .filter(f -> Files.exists(f, LinkOption.NOFOLLOW_LINKS))
                .filter(f -> !opens(f))
                .findFirst();
    }

    private static boolean opens(Path folder) {
        try (DirectoryStream<Path> _ = Files.newDirectoryStream(folder)) {
            return Files.isExecutable(folder);
        } catch (IOException e) {
            return false;
        }
    }

    private static List<Check> examineFolder(Path folder, String language, @Nullable String user) {
        Doctor doctor = new Doctor(folder, language, user);
        doctor.port();
        doctor.socket();
        doctor.ca();
        doctor.trust();
        doctor.engine();
        doctor.store();
        doctor.policy();
        doctor.models();
        doctor.server();
        List<Check> all = new ArrayList<>(doctor.checks.all());
        all.addAll(ChainChecks.examine(folder, language));
        all.addAll(CaptureChecks.examine(folder, language, user));
        all.addAll(DeviceChecks.examine(folder, Instant.now(), language));
        all.addAll(UpstreamChecks.examine(folder, Machine.here(), language));
        all.addAll(WayOutChecks.examine(doctor.running, language));
        all.addAll(LifecycleChecks.examine(folder, language));
        return all;
    }

    private void port() {
        if (running.isEmpty()) {
            boolean service = InstalledService.isInstalled() && InstalledService.owns(folder);
            checks.bad("port", service ? "port.service" : "port.none", folder);
            checks.evidence(statusFile() + ": names no process that is alive, with its address");
            return;
        }
        AgentConfig.HostPort at = AgentConfig.HostPort.parse(running.get().address());
        InetSocketAddress address = new InetSocketAddress(at.host(), at.port());
        try (Socket socket = new Socket()) {
            socket.connect(address, CONNECT_MILLIS);
        } catch (IOException e) {
            checks.bad("port", "port.dead", running.get().address());
            checks.evidence(seen(e.getClass().getSimpleName()));
            return;
        }
        // The system accepts for a process that hangs, too.
        if (Watchdog.answers(address)) {
            checks.ok("port", "port.ok", running.get().address());
            checks.evidence(seen("answers"));
        } else {
            checks.bad("port", "port.hangs", running.get().address());
            checks.evidence(seen("silent"));
        }
    }

    private String seen(String how) {
        return running.map(r -> "connect " + r.address() + ", process " + r.pid() + ": " + how)
                .orElse("");
    }

    /** What the running agent says of itself. */
    private Path statusFile() {
        return folder.resolve("status");
    }

    /** Without a socket nobody can be asked. */
    private void socket() {
        if (running.isEmpty()) {
            return;
        }
        String path = running.get().properties().getProperty("socket", "");
        if (path.isEmpty()) {
            checks.note("socket", "socket.none");
            checks.evidence(statusFile() + ": names no socket");
        } else if (new File(path).exists()) { // takes any text
            checks.ok("socket", "socket.ok", path);
            checks.evidence(path + ": is there");
        } else {
            checks.note("socket", "socket.gone", path);
            checks.evidence(path + ": is not there");
        }
    }

    private void ca() {
        Path file = folder.resolve("ca.pem");
        try {
            List<X509Certificate> root =
                    Files.exists(file)
                            ? Pem.decodeAll(Files.readString(file, StandardCharsets.ISO_8859_1))
                            : List.of();
            if (root.isEmpty()) {
                checks.bad("ca", Files.exists(file) ? "ca.damaged" : "ca.none");
                checks.evidence(file + ": no certificate");
                return;
            }
            Instant end = root.getFirst().getNotAfter().toInstant();
            if (end.isBefore(Instant.now())) {
                checks.bad("ca", "ca.expired", end);
            } else {
                checks.ok("ca", "ca.ok", end);
            }
            checks.evidence(
                    file
                            + ": SHA-256 "
                            + OrganisationRoot.fingerprint(root.getFirst())
                            + ", ends "
                            + end);
            KeyVault vault = FileKeyVault.asItIs(folder.resolve("keys"));
            if (vault.sealed()) {
                checks.ok("key-vault", "vault.sealed", vault.describe());
            } else {
                checks.note("key-vault", "vault.file", vault.describe());
            }
            checks.evidence(folder.resolve("keys").toString());
        } catch (IOException | PkiException e) {
            checks.bad("ca", "ca.unreadable", folder);
            checks.evidence(file + ": " + e.getClass().getSimpleName());
        }
    }

    private void trust() {
        Optional<Path> bundle = UpstreamTrust.systemBundle();
        if (bundle.isPresent()) {
            checks.ok("upstream-trust", "trust.ok", bundle.get());
            checks.evidence(bundle.get() + ": is readable");
        } else {
            checks.bad("upstream-trust", "trust.none");
            checks.evidence("none of the places where systems keep it is readable");
        }
    }

    private void engine() {
        running.ifPresent(r -> {
            checks.ok(
                    "engine",
                    "engine.ok",
                    r.properties().getProperty("engine"),
                    r.properties().getProperty("transport"));
            checks.evidence(statusFile() + ": engine, transport of process " + r.pid());
            String postQuantum = r.properties().getProperty("post-quantum");
            if (Boolean.parseBoolean(postQuantum)) {
                checks.ok("post-quantum", "pq.yes");
            } else {
                checks.note("post-quantum", "pq.no");
            }
            checks.evidence(statusFile() + ": post-quantum=" + postQuantum);
        });
    }

    private void store() {
        try {
            EventReader reader =
                    new EventReader(folder, FileKeyVault.asItIs(folder.resolve("keys")));
            if (!Files.exists(folder)) {
                checks.note("store", "store.none");
                checks.evidence(folder + ": is not there");
                return;
            }
            Optional<String> refused = refused();
            if (!reader.readable()) {
                checks.bad("store", "store.sealed", folder);
                checks.evidence(folder.resolve(STORE) + ": the last event does not decrypt");
                return; // nor is anything known of what it holds
            }
            long events = user == null ? reader.count() : reader.count(user);
            if (refused.isEmpty()) {
                checks.ok("store", "store.ok", events);
            } else if (isOthers()) {
                checks.note("store", "store.others", events, folder);
            } else {
                checks.bad("store", "store.full", folder);
            }
            checks.evidence(
                    "a file of "
                            + PROBE
                            + " bytes, written to "
                            + folder
                            + refused.map(r -> ": " + r).orElse(" and removed"));
            long losses = reader.losses();
            if (losses > 0) {
                checks.note("losses", "losses", losses);
                checks.evidence(folder.resolve(STORE) + ": losses=" + losses);
            }
            long dropped = reader.dropped();
            if (dropped > 0) {
                checks.note("dropped", "dropped", dropped);
                checks.evidence(folder.resolve(STORE) + ": dropped=" + dropped);
            }
            List<Event> lastDay =
                    reader.exceptions(
                            user, Instant.now().minus(Duration.ofDays(1)), MOST_EXCEPTIONS);
            onlyWarned(lastDay);
            Map<String, Integer> unread = new TreeMap<>();
            for (Event event : lastDay) {
                event.notInspected()
                        .forEach(
                                (k, v) -> unread.merge(k, v * (1 + event.repeats()), Integer::sum));
            }
            if (unread.isEmpty()) {
                checks.ok("not-inspected", "unread.none");
            } else {
                checks.note("not-inspected", "unread.some", unread);
            }
            checks.evidence(
                    folder.resolve(STORE) + ": " + lastDay.size() + " events of the last day");
        } catch (IOException e) {
            checks.bad("store", "store.broken", folder);
            checks.evidence(folder.resolve(STORE) + ": " + e.getClass().getSimpleName());
        }
    }

    /**
     * What can be read may still take nothing: a disk that is full or was made read-only.
     *
     * @return the kind of failure; empty when it takes writes
     */
    private Optional<String> refused() {
        try {
            Path probe = Files.createTempFile(folder, "doctor", ".probe");
            try {
                Files.write(probe, new byte[PROBE]);
                return Optional.empty();
            } finally {
                Files.delete(probe);
            }
        } catch (IOException e) {
            return Optional.of(e.getClass().getSimpleName());
        }
    }

    /** Whether the folder is another account's, whose rights to write are not this one's. */
    private boolean isOthers() {
        try {
            return !Files.getOwner(folder).getName().equals(System.getProperty("user.name"));
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    /**
     * A rule that only warns lets what it found pass: that is no protection (DESIGN §2 rule 12).
     */
    private void onlyWarned(List<Event> events) {
        int prompts = 0;
        Set<String> rules = new TreeSet<>();
        for (Event event : events) {
            if (event.action() == Action.WARN && !event.findings().isEmpty()) {
                prompts += 1 + event.repeats();
                rules.add(event.rule());
            }
        }
        if (prompts > 0) {
            checks.count("only-warned", "warned", prompts, rules);
            checks.evidence(folder.resolve(STORE) + ": " + prompts + " prompts, action warn");
        }
    }

    /** A running agent has compiled its policy; where none runs, the shipped one is tried. */
    private void policy() {
        Optional<SyncStatus> published = SyncStatus.read(folder).filter(s -> s.policyVersion() > 0);
        if (published.isPresent()) {
            checks.ok("policy", "policy.server", published.get().policyVersion());
            checks.evidence(syncFile() + ": policyVersion=" + published.get().policyVersion());
            return;
        }
        if (running.isPresent()) {
            checks.ok("policy", "policy.ok", running.get().properties().getProperty("policy", ""));
            checks.evidence(statusFile() + ": policy of process " + running.get().pid());
            return;
        }
        try {
            checks.ok(
                    "policy",
                    "policy.ok",
                    Rules.load(Optional.empty(), List.of()).policy().version());
            checks.evidence("the shipped policy, compiled here");
        } catch (StartException e) {
            checks.broken("policy", e.getMessage(), "policy.broken");
            checks.evidence("the shipped policy, which does not compile");
        }
    }

    /** What the running agent lacks; where none runs, what one started now would lack. */
    private void models() {
        String versions;
        String missing;
        if (running.isPresent()) {
            versions = running.get().properties().getProperty("models", "");
            missing = running.get().properties().getProperty("missing-models", "");
        } else {
            DetectionEngine detection = DetectionEngine.standard();
            versions = String.join("; ", detection.versions());
            missing = String.join("; ", detection.assess(List.of(), "").missing());
        }
        if (missing.isEmpty()) {
            checks.ok("models", "models.ok", versions);
        } else {
            checks.bad("models", "models.missing", missing);
        }
        checks.evidence(
                running.isPresent()
                        ? statusFile() + ": models, missing-models"
                        : "the shipped models, loaded here");
    }

    private void server() {
        Optional<ServerLink> link;
        try {
            link = ServerLink.read(folder);
        } catch (IOException e) {
            checks.bad("server", "server.damaged");
            checks.evidence(folder.resolve("server.json") + ": " + e.getClass().getSimpleName());
            return;
        }
        if (link.isEmpty()) {
            checks.ok("server", "server.none");
            checks.evidence(folder.resolve("server.json") + ": is not there");
            return;
        }
        Optional<SyncStatus> sync = SyncStatus.read(folder);
        if (sync.isEmpty()) {
            checks.note("server", "server.unsynced");
            checks.evidence(syncFile() + ": is not there, or is damaged");
            return;
        }
        SyncStatus s = sync.get();
        String last =
                s.lastDone() == null
                        ? checks.say("server.never")
                        : checks.say("server.last", s.lastDone());
        if (s.problem().isEmpty()) {
            checks.ok("server", "server.ok", s.server(), last, s.pending());
        } else {
            checks.note("server", "server.problem", s.server(), last, s.pending(), s.problem());
        }
        checks.evidence(
                "%s: delivered=%d pending=%d lastDone=%s"
                        .formatted(syncFile(), s.delivered(), s.pending(), s.lastDone()));
        policyBundle(s);
    }

    private void policyBundle(SyncStatus s) {
        switch (s.policyState()) {
            case NONE -> checks.ok("policy-bundle", "bundle.none");
            case FRESH -> checks.ok("policy-bundle", "bundle.fresh", s.policyVersion());
            case EXPIRED -> checks.bad("policy-bundle", "bundle.expired", s.policyVersion());
            case REFUSED ->
                    checks.bad(
                            "policy-bundle",
                            "bundle.refused",
                            s.policyVersion(),
                            String.valueOf(s.policyProblem()));
        }
        checks.evidence(
                "%s: policyState=%s policyVersion=%d"
                        .formatted(syncFile(), s.policyState(), s.policyVersion()));
    }

    /** What the last round with the server left. */
    private Path syncFile() {
        return folder.resolve("sync-status.json");
    }
}
