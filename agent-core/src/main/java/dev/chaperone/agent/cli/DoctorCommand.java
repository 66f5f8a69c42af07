// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.agent.Rules;
import dev.chaperone.agent.StartException;
import dev.chaperone.agent.config.AgentConfig;
import dev.chaperone.agent.os.FileKeyVault;
import dev.chaperone.agent.os.KeyVault;
import dev.chaperone.agent.store.EventReader;
import dev.chaperone.agent.sync.ServerLink;
import dev.chaperone.agent.sync.SyncStatus;
import dev.chaperone.detection.DetectionEngine;
import dev.chaperone.inspector.tls.UpstreamTrust;
import dev.chaperone.model.decision.Action;
import dev.chaperone.model.event.Event;
import dev.chaperone.pki.Pem;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code chaperone doctor}: every condition for being protected, each with its remedy. Status 1
 * when one does not hold.
 */
@Command(
        name = "doctor",
        description = "Checks every condition for being protected and says how to mend it.",
        mixinStandardHelpOptions = true)
public final class DoctorCommand implements Callable<Integer> {
    private static final int CONNECT_MILLIS = 1000;

    @Mixin private DataDirOption dataDir = new DataDirOption();

    @Option(names = "--json", description = "One JSON object.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    private enum State {
        OK,
        NOTE,
        BAD
    }

    private record Check(String name, State state, String says, String remedy) {}

    private final List<Check> checks = new ArrayList<>();

    @Override
    public Integer call() {
        Path folder = dataDir.resolve();
        Optional<RunningAgent> running = RunningAgent.on(folder);
        port(folder, running);
        ca(folder);
        trust();
        engine(running);
        store(folder);
        policy(running);
        models(running);
        server(folder);
        print();
        return checks.stream().anyMatch(c -> c.state == State.BAD)
                ? ExitStatus.NO
                : ExitStatus.DONE;
    }

    private void port(Path folder, Optional<RunningAgent> running) {
        if (running.isEmpty()) {
            add("port", State.BAD, "no agent runs on " + folder, "start one: chaperone run");
            return;
        }
        AgentConfig.HostPort at = AgentConfig.HostPort.parse(running.get().address());
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(at.host(), at.port()), CONNECT_MILLIS);
            add("port", State.OK, "listening on " + running.get().address(), "");
        } catch (IOException e) {
            add(
                    "port",
                    State.BAD,
                    "the agent does not accept on " + running.get().address(),
                    "restart it: chaperone run");
        }
    }

    private void ca(Path folder) {
        Path file = folder.resolve("ca.pem");
        try {
            List<X509Certificate> root =
                    Files.exists(file) ? Pem.decodeAll(Files.readString(file)) : List.of();
            if (root.isEmpty()) {
                add(
                        "ca",
                        State.BAD,
                        "no root certificate yet",
                        "start the agent once: chaperone run");
                return;
            }
            Instant end = root.getFirst().getNotAfter().toInstant();
            State state = end.isBefore(Instant.now()) ? State.BAD : State.OK;
            add(
                    "ca",
                    state,
                    "root valid until " + end,
                    state == State.OK ? "" : "remove ca.pem and keys, then restart");
            KeyVault vault = new FileKeyVault(folder.resolve("keys"));
            add(
                    "key-vault",
                    vault.sealed() ? State.OK : State.NOTE,
                    vault.describe(),
                    vault.sealed()
                            ? ""
                            : "nothing to do; a later version uses the system's keychain");
        } catch (IOException e) {
            add("ca", State.BAD, "ca.pem cannot be read", "check the permissions of " + folder);
        }
    }

    private void server(Path folder) {
        Optional<ServerLink> link;
        try {
            link = ServerLink.read(folder);
        } catch (IOException e) {
            add(
                    "server",
                    State.BAD,
                    "server.json is damaged",
                    "enrol again: chaperone enroll TOKEN");
            return;
        }
        if (link.isEmpty()) {
            add("server", State.OK, "stand-alone: not enrolled with a server", "");
            return;
        }
        Optional<SyncStatus> sync = SyncStatus.read(folder);
        if (sync.isEmpty()) {
            add("server", State.NOTE, "enrolled, not synced yet", "start the agent: chaperone run");
            return;
        }
        SyncStatus s = sync.get();
        String last = s.lastDone() == null ? "not yet" : "last at " + s.lastDone();
        boolean well = s.problem().isEmpty();
        add(
                "server",
                well ? State.OK : State.NOTE,
                s.server()
                        + ": synced "
                        + last
                        + ", "
                        + s.pending()
                        + " to send"
                        + (well ? "" : "; " + s.problem()),
                well ? "" : "nothing is lost: it is sent when the server is there again");
        policyBundle(s);
    }

    private void policyBundle(SyncStatus s) {
        String version = "version " + s.policyVersion();
        switch (s.policyState()) {
            case NONE -> add("policy-bundle", State.OK, "none published", "");
            case FRESH -> add("policy-bundle", State.OK, version, "");
            case EXPIRED ->
                    add(
                            "policy-bundle",
                            State.BAD,
                            version + " has expired; it is still in force",
                            "the administrator publishes a new one");
            case REFUSED ->
                    add(
                            "policy-bundle",
                            State.BAD,
                            "what the server offered was refused: "
                                    + s.policyProblem()
                                    + "; in force: "
                                    + version,
                            "tell the administrator: a policy was tampered with or rolled back");
        }
    }

    private void trust() {
        Optional<Path> bundle = UpstreamTrust.systemBundle();
        add(
                "upstream-trust",
                bundle.isPresent() ? State.OK : State.BAD,
                bundle.map(b -> "verifying against " + b)
                        .orElse("no trust bundle of this system found"),
                bundle.isPresent() ? "" : "install ca-certificates");
    }

    private void engine(Optional<RunningAgent> running) {
        running.ifPresent(r -> {
            boolean pq = Boolean.parseBoolean(r.properties().getProperty("post-quantum"));
            add(
                    "engine",
                    State.OK,
                    "TLS by "
                            + r.properties().getProperty("engine")
                            + ", transport "
                            + r.properties().getProperty("transport"),
                    "");
            add(
                    "post-quantum",
                    pq ? State.OK : State.NOTE,
                    pq ? "pq: yes" : "pq: no",
                    pq ? "" : "the native TLS library did not load; X25519MLKEM768 is not kept");
        });
    }

    private void store(Path folder) {
        try {
            EventReader reader = new EventReader(folder, new FileKeyVault(folder.resolve("keys")));
            add("store", State.OK, reader.count() + " events", "");
            long losses = reader.losses();
            if (losses > 0) {
                add(
                        "losses",
                        State.NOTE,
                        "a crash may have cost up to " + losses + " events",
                        "nothing to do; it is counted");
            }
            List<Event> lastDay = reader.since(Instant.now().minus(Duration.ofDays(1)), 0);
            onlyWarned(lastDay);
            Map<String, Integer> unread = new TreeMap<>();
            for (Event event : lastDay) {
                event.notInspected()
                        .forEach(
                                (k, v) -> unread.merge(k, v * (1 + event.repeats()), Integer::sum));
            }
            add(
                    "not-inspected",
                    unread.isEmpty() ? State.OK : State.NOTE,
                    unread.isEmpty() ? "nothing in the last day" : "in the last day: " + unread,
                    unread.isEmpty() ? "" : "see chaperone events");
        } catch (IOException e) {
            add(
                    "store",
                    State.BAD,
                    String.valueOf(e.getMessage()),
                    "check the disk and the permissions of " + folder);
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
            add(
                    "only-warned",
                    State.NOTE,
                    "sensitive data was sent in "
                            + prompts
                            + (prompts == 1 ? " prompt" : " prompts")
                            + " in the last day; these rules only warn: "
                            + rules,
                    "let them redact, if that is not meant");
        }
    }

    private void policy(Optional<RunningAgent> running) {
        try {
            Rules rules = Rules.load(Optional.empty(), List.of());
            String version =
                    running.map(r -> r.properties().getProperty("policy", ""))
                            .orElse(rules.policy().version());
            add("policy", State.OK, "in force: " + version, "");
        } catch (StartException e) {
            add(
                    "policy",
                    State.BAD,
                    String.valueOf(e.getMessage()),
                    "reinstall: the shipped policy is broken");
        }
    }

    /** What the running agent lacks; where none runs, what one started now would lack. */
    private void models(Optional<RunningAgent> running) {
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
        add(
                "models",
                missing.isEmpty() ? State.OK : State.BAD,
                missing.isEmpty() ? versions : "missing: " + missing,
                missing.isEmpty() ? "" : "reinstall: a model file is missing or damaged");
    }

    private void add(String name, State state, String says, String remedy) {
        checks.add(new Check(name, state, says, remedy));
    }

    private void print() {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            Map<String, Object> all = new LinkedHashMap<>();
            all.put("protected", checks.stream().noneMatch(c -> c.state == State.BAD));
            all.put(
                    "checks",
                    checks.stream()
                            .map(c ->
                                    Map.of(
                                            "name",
                                            c.name,
                                            "state",
                                            c.state.name().toLowerCase(java.util.Locale.ROOT),
                                            "says",
                                            c.says,
                                            "remedy",
                                            c.remedy))
                            .toList());
            out.println(JsonMapper.builder().build().writeValueAsString(all));
        } else {
            for (Check c : checks) {
                String mark =
                        switch (c.state) {
                            case OK -> "ok  ";
                            case NOTE -> "note";
                            case BAD -> "BAD ";
                        };
                out.println(
                        mark
                                + "  "
                                + c.name
                                + ": "
                                + c.says
                                + (c.remedy.isEmpty() ? "" : "  → " + c.remedy));
            }
        }
        out.flush();
    }
}
