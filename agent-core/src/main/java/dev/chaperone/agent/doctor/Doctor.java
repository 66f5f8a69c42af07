// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import dev.chaperone.agent.OwnerRights;
import dev.chaperone.agent.Rules;
import dev.chaperone.agent.StartException;
import dev.chaperone.agent.Words;
import dev.chaperone.agent.config.AgentConfig;
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
import dev.chaperone.model.ipc.AgentStatus.State;
import dev.chaperone.pki.Pem;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
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
import org.jspecify.annotations.Nullable;

/**
 * Examines every condition for being protected, from outside the agent: its files and its port. One
 * examination each; for one thread; reads files and the store.
 */
public final class Doctor {
    private static final int CONNECT_MILLIS = 1000;

    private static final int MOST_EXCEPTIONS = 2000;

    /** What a commit of a few events takes. */
    private static final int PROBE = 16 << 10;

    private final Path folder;
    private final @Nullable String user;
    private final Words words;
    private final Optional<RunningAgent> running;
    private final List<Check> checks = new ArrayList<>();

    private Doctor(Path folder, String language, @Nullable String user) {
        this.folder = folder;
        this.user = user;
        this.words = Words.of("dev.chaperone.agent.doctor.words", language);
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
        try (OwnerRights _ = OwnerRights.in(folder)) {
            roots = MachineChecks.certificates(folder.resolve("ca.pem"));
            all.addAll(examineFolder(folder, language, user));
        } catch (StartException e) {
            // Nothing that lies there can be believed, so nothing of it is told.
            return List.of(new Check("data-folder", State.BAD, String.valueOf(e.getMessage()), ""));
        }
        all.addAll(
                MachineChecks.examine(folder, roots, language)); // people's settings: root's to see
        return List.copyOf(all);
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
        doctor.checks.addAll(ChainChecks.examine(folder, language));
        doctor.checks.addAll(CaptureChecks.examine(folder, language, user));
        doctor.checks.addAll(DeviceChecks.examine(folder, Instant.now(), language));
        doctor.checks.addAll(UpstreamChecks.examine(folder, Machine.here(), language));
        doctor.checks.addAll(WayOutChecks.examine(doctor.running, language));
        doctor.checks.addAll(LifecycleChecks.examine(folder, language));
        return doctor.checks;
    }

    private void port() {
        if (running.isEmpty()) {
            bad("port", "port.none", folder);
            return;
        }
        AgentConfig.HostPort at = AgentConfig.HostPort.parse(running.get().address());
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(at.host(), at.port()), CONNECT_MILLIS);
            ok("port", "port.ok", running.get().address());
        } catch (IOException e) {
            bad("port", "port.dead", running.get().address());
        }
    }

    /** Without a socket nobody can be asked. */
    private void socket() {
        if (running.isEmpty()) {
            return;
        }
        String path = running.get().properties().getProperty("socket", "");
        if (path.isEmpty()) {
            note("socket", "socket.none");
        } else if (Files.exists(Path.of(path))) {
            ok("socket", "socket.ok", path);
        } else {
            note("socket", "socket.gone", path);
        }
    }

    private void ca() {
        Path file = folder.resolve("ca.pem");
        try {
            List<X509Certificate> root =
                    Files.exists(file) ? Pem.decodeAll(Files.readString(file)) : List.of();
            if (root.isEmpty()) {
                bad("ca", "ca.none");
                return;
            }
            Instant end = root.getFirst().getNotAfter().toInstant();
            if (end.isBefore(Instant.now())) {
                bad("ca", "ca.expired", end);
            } else {
                ok("ca", "ca.ok", end);
            }
            KeyVault vault = new FileKeyVault(folder.resolve("keys"));
            if (vault.sealed()) {
                ok("key-vault", "vault.sealed", vault.describe());
            } else {
                note("key-vault", "vault.file", vault.describe());
            }
        } catch (IOException e) {
            bad("ca", "ca.unreadable", folder);
        }
    }

    private void trust() {
        Optional<Path> bundle = UpstreamTrust.systemBundle();
        if (bundle.isPresent()) {
            ok("upstream-trust", "trust.ok", bundle.get());
        } else {
            bad("upstream-trust", "trust.none");
        }
    }

    private void engine() {
        running.ifPresent(r -> {
            ok(
                    "engine",
                    "engine.ok",
                    r.properties().getProperty("engine"),
                    r.properties().getProperty("transport"));
            if (Boolean.parseBoolean(r.properties().getProperty("post-quantum"))) {
                ok("post-quantum", "pq.yes");
            } else {
                note("post-quantum", "pq.no");
            }
        });
    }

    private void store() {
        try {
            EventReader reader = new EventReader(folder, new FileKeyVault(folder.resolve("keys")));
            if (takesWrites()) {
                ok("store", "store.ok", user == null ? reader.count() : reader.count(user));
            } else {
                bad("store", "store.full", folder);
            }
            long losses = reader.losses();
            if (losses > 0) {
                note("losses", "losses", losses);
            }
            long dropped = reader.dropped();
            if (dropped > 0) {
                note("dropped", "dropped", dropped);
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
                ok("not-inspected", "unread.none");
            } else {
                note("not-inspected", "unread.some", unread);
            }
        } catch (IOException e) {
            checks.add(
                    new Check(
                            "store",
                            State.BAD,
                            String.valueOf(e.getMessage()),
                            words.say("store.broken.remedy", folder)));
        }
    }

    /** What can be read may still take nothing: a disk that is full or was made read-only. */
    private boolean takesWrites() {
        try {
            Path probe = Files.createTempFile(folder, "doctor", ".probe");
            try {
                Files.write(probe, new byte[PROBE]);
                return true;
            } finally {
                Files.delete(probe);
            }
        } catch (IOException e) {
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
            checks.add(
                    new Check(
                            "only-warned",
                            State.NOTE,
                            words.count("warned", prompts, rules),
                            words.say("warned.remedy")));
        }
    }

    /** A running agent has compiled its policy; where none runs, the shipped one is tried. */
    private void policy() {
        Optional<SyncStatus> published = SyncStatus.read(folder).filter(s -> s.policyVersion() > 0);
        if (published.isPresent()) {
            ok("policy", "policy.server", published.get().policyVersion());
            return;
        }
        if (running.isPresent()) {
            ok("policy", "policy.ok", running.get().properties().getProperty("policy", ""));
            return;
        }
        try {
            ok("policy", "policy.ok", Rules.load(Optional.empty(), List.of()).policy().version());
        } catch (StartException e) {
            checks.add(
                    new Check(
                            "policy",
                            State.BAD,
                            String.valueOf(e.getMessage()),
                            words.say("policy.broken.remedy")));
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
            ok("models", "models.ok", versions);
        } else {
            bad("models", "models.missing", missing);
        }
    }

    private void server() {
        Optional<ServerLink> link;
        try {
            link = ServerLink.read(folder);
        } catch (IOException e) {
            bad("server", "server.damaged");
            return;
        }
        if (link.isEmpty()) {
            ok("server", "server.none");
            return;
        }
        Optional<SyncStatus> sync = SyncStatus.read(folder);
        if (sync.isEmpty()) {
            note("server", "server.unsynced");
            return;
        }
        SyncStatus s = sync.get();
        String last =
                s.lastDone() == null
                        ? words.say("server.never")
                        : words.say("server.last", s.lastDone());
        if (s.problem().isEmpty()) {
            ok("server", "server.ok", s.server(), last, s.pending());
        } else {
            note("server", "server.problem", s.server(), last, s.pending(), s.problem());
        }
        policyBundle(s);
    }

    private void policyBundle(SyncStatus s) {
        switch (s.policyState()) {
            case NONE -> ok("policy-bundle", "bundle.none");
            case FRESH -> ok("policy-bundle", "bundle.fresh", s.policyVersion());
            case EXPIRED -> bad("policy-bundle", "bundle.expired", s.policyVersion());
            case REFUSED ->
                    bad(
                            "policy-bundle",
                            "bundle.refused",
                            s.policyVersion(),
                            String.valueOf(s.policyProblem()));
        }
    }

    private void ok(String name, String key, Object... values) {
        add(name, State.OK, key, values);
    }

    private void note(String name, String key, Object... values) {
        add(name, State.NOTE, key, values);
    }

    private void bad(String name, String key, Object... values) {
        add(name, State.BAD, key, values);
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
