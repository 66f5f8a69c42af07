// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import dev.chaperone.agent.cli.ExitStatus;
import dev.chaperone.agent.config.AgentConfig;
import dev.chaperone.agent.doctor.UpstreamEvidence;
import dev.chaperone.agent.health.HealthEndpoint;
import dev.chaperone.agent.health.Measurements;
import dev.chaperone.agent.health.PrometheusMeasurements;
import dev.chaperone.agent.lifecycle.Caller;
import dev.chaperone.agent.lifecycle.LifecycleLog;
import dev.chaperone.agent.machine.InstalledService;
import dev.chaperone.agent.machine.ResidentPages;
import dev.chaperone.agent.machine.ServiceManager;
import dev.chaperone.agent.monitor.PassiveMonitor;
import dev.chaperone.agent.os.LinuxClientProcesses;
import dev.chaperone.agent.pause.PauseDesk;
import dev.chaperone.agent.restore.RestoreStore;
import dev.chaperone.agent.store.EventStore;
import dev.chaperone.agent.sync.BundleKeeper;
import dev.chaperone.agent.sync.FleetCertificates;
import dev.chaperone.agent.sync.ServerLink;
import dev.chaperone.agent.sync.ServerSync;
import dev.chaperone.detection.DetectionEngine;
import dev.chaperone.inspector.InspectingProxy;
import dev.chaperone.inspector.ProxySettings;
import dev.chaperone.inspector.tls.UpstreamTrust;
import dev.chaperone.pki.OrganisationRoot;
import dev.chaperone.pki.ServiceCertificates;
import dev.chaperone.policies.PolicyEngine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A running agent: the composition of all parts. Started and closed by {@code RunCommand}. */
public final class Agent implements AutoCloseable {
    private static final int MAX_HEAD = 256 << 10;

    /** Counters of the proxy that tell the server what passed without being read. */
    private static final Set<String> NOT_INSPECTED =
            Set.of("unknown-endpoints", "answers-unread", "without-certificate", "paused");

    private final DataFolder folder;
    private final EventStore store;
    private final InspectingProxy proxy;
    private final PassiveMonitor monitor;
    private final CoachingService coaching;
    private final RestoreStore mappings;
    private final @Nullable HealthEndpoint health;
    private final @Nullable ServerSync sync;
    private final AtomicReference<Rules> rules;
    private final AtomicReference<BundleKeeper.@Nullable InForce> bundle;

    private final LifecycleLog lifecycle;
    private final PauseDesk pauses;

    /** How it is being stopped. */
    private volatile String stopped = "clean";

    /** What a service for every user shows of itself beside its socket. */
    private final @Nullable Path publicStatus;

    private Agent(
            DataFolder folder,
            EventStore store,
            InspectingProxy proxy,
            PassiveMonitor monitor,
            CoachingService coaching,
            RestoreStore mappings,
            @Nullable HealthEndpoint health,
            @Nullable ServerSync sync,
            AtomicReference<Rules> rules,
            AtomicReference<BundleKeeper.@Nullable InForce> bundle,
            @Nullable Path publicStatus,
            LifecycleLog lifecycle,
            PauseDesk pauses) {
        this.lifecycle = lifecycle;
        this.pauses = pauses;
        this.folder = folder;
        this.publicStatus = publicStatus;
        this.store = store;
        this.proxy = proxy;
        this.monitor = monitor;
        this.coaching = coaching;
        this.mappings = mappings;
        this.health = health;
        this.sync = sync;
        this.rules = rules;
        this.bundle = bundle;
    }

    /**
     * Starts an agent; it listens when this returns.
     *
     * @throws StartException with one clear line when it cannot
     */
    public static Agent start(AgentOptions options) throws StartException {
        AgentConfig config = options.config();
        NameCaching.brief();
        requireLoopback(config);
        requireOtherProxy(config);
        AtomicReference<Rules> rules =
                new AtomicReference<>(Rules.load(config.policy(), config.services()));
        AtomicReference<BundleKeeper.@Nullable InForce> bundle = new AtomicReference<>();
        DataFolder folder = DataFolder.open(options.dataDir()).claim();
        try {
            InstantSource clock = InstantSource.system();
            Optional<ServerLink> server = ServerLink.read(folder.path());
            FleetCertificates fleet =
                    server.isPresent()
                            ? FleetCertificates.load(folder.path(), server.get(), folder.vault())
                                    .orElse(null)
                            : null;
            ServiceCertificates certificates =
                    fleet == null
                            ? new ServiceCertificates(folder.root(clock.instant()), clock)
                            : new ServiceCertificates(fleet, clock);
            LifecycleLog lifecycle = new LifecycleLog(folder.path(), folder.vault(), clock);
            EventStore store = new EventStore(folder.path(), folder.vault());
            DetectionEngine detection = DetectionEngine.standard();
            BundleKeeper bundles =
                    server.isPresent()
                            ? new BundleKeeper(folder.path(), server.get(), clock)
                            : null;
            if (bundles != null) {
                bundles.load().ifPresent(b -> use(b, config, rules, bundle));
            }
            Pseudonyms pseudonyms = Pseudonyms.open(folder.vault());
            EventRecorder recorder =
                    new EventRecorder(store, pseudonyms, detection.versions(), clock);
            RestoreStore mappings = RestoreStore.open(folder.path(), folder.vault(), clock);
            PauseDesk pauses =
                    new PauseDesk(() -> rules.get().policy().document().pause(), lifecycle, clock);
            CoachingService coaching =
                    CoachingService.start(
                            folder,
                            config,
                            new UserRecords(
                                    folder,
                                    pseudonyms,
                                    mappings,
                                    () -> rules.get().policy().document(),
                                    pauses,
                                    clock),
                            clock);
            pauses.listen(coaching::examine);
            AtomicReference<@Nullable InspectingProxy> started = new AtomicReference<>();
            PrometheusMeasurements figures =
                    config.health().isPresent()
                            ? new PrometheusMeasurements(() -> counters(started.get()))
                            : null;
            Measurements measurements = figures == null ? Measurements.NONE : figures;
            PromptPipeline pipeline =
                    new PromptPipeline(
                            detection,
                            () -> rules.get().policy(),
                            recorder,
                            coaching.desk(),
                            mappings,
                            new NoticeBoard(coaching::tell),
                            pauses,
                            measurements,
                            clock);
            InspectingProxy proxy =
                    new InspectingProxy(
                            settings(options),
                            () -> rules.get().openHosts(),
                            pipeline,
                            certificates,
                            LinuxClientProcesses.forThisSystem());
            started.set(proxy);
            PassiveMonitor monitor =
                    PassiveMonitor.of(folder.path(), recorder, rules::get, proxy.ownConnections());
            monitor.apply(rules.get());
            proxy.upstreamAnchors().listen(seen -> UpstreamEvidence.write(folder.path(), seen));
            HealthEndpoint health =
                    figures == null ? null : health(config.health().orElseThrow(), figures, store);
            lifecycle.recordStart(start(config), startedBy(config));
            lifecycle.recordChange("policy", rules.get().policy().version(), Caller.SYSTEM);
            recordRoot(folder, lifecycle);
            ServerSync sync =
                    bundles == null
                            ? null
                            : ServerSync.start(
                                    folder.path(),
                                    folder.vault(),
                                    server.orElseThrow(),
                                    bundles,
                                    b -> {
                                        use(b, config, rules, bundle);
                                        monitor.apply(rules.get());
                                        pauses.settle();
                                        lifecycle.recordChange(
                                                "policy",
                                                rules.get().policy().version(),
                                                Caller.SYSTEM);
                                    },
                                    () -> notInspected(proxy, monitor),
                                    fleet,
                                    () -> FleetCertificates.wanted(rules.get().openHosts()),
                                    config.wayOut(),
                                    clock);
            if (sync != null) {
                store.onCommit(sync::wake);
                pauses.listen(sync::wake);
            }
            Agent agent =
                    new Agent(
                            folder,
                            store,
                            proxy,
                            monitor,
                            coaching,
                            mappings,
                            health,
                            sync,
                            rules,
                            bundle,
                            publicStatus(config),
                            lifecycle,
                            pauses);
            agent.writeStatus(config, rules.get().policy().version(), detection);
            PolicyEngine policy = rules.get().policy();
            Thread.ofPlatform()
                    .daemon()
                    .name("warm-up")
                    .start(() -> WarmUp.run(detection, policy, clock));
            ResidentPages.keepFew();
            return agent;
        } catch (IOException e) {
            folder.close();
            throw new StartException(ExitStatus.ENVIRONMENT, remedy(config, e));
        }
    }

    private static String start(AgentConfig config) {
        return Version.number()
                + (isService(config) ? " service" : " foreground")
                + " pid "
                + ProcessHandle.current().pid();
    }

    /** The service manager starts a service; a person, an agent in the foreground. */
    private static String startedBy(AgentConfig config) {
        return isService(config) ? Caller.SYSTEM : Caller.of(System.getenv());
    }

    private static boolean isService(AgentConfig config) {
        return config.socketForEveryUser() || ServiceManager.of(System.getenv()).isPresent();
    }

    private static void recordRoot(DataFolder folder, LifecycleLog lifecycle) throws IOException {
        Optional<X509Certificate> root = folder.rootCertificate();
        if (root.isPresent()) {
            lifecycle.recordChange(
                    "root", "SHA-256 " + OrganisationRoot.fingerprint(root.get()), Caller.SYSTEM);
        }
    }

    private static @Nullable Path publicStatus(AgentConfig config) {
        return config.socketForEveryUser()
                ? config.socket().map(s -> s.resolveSibling("status")).orElse(null)
                : null;
    }

    /** A policy of the server comes into force; one that cannot is left, the last stays. */
    private static void use(
            BundleKeeper.InForce fresh,
            AgentConfig config,
            AtomicReference<Rules> rules,
            AtomicReference<BundleKeeper.@Nullable InForce> bundle) {
        try {
            rules.set(Rules.of(fresh.engine(), fresh.document(), config.services()));
            bundle.set(fresh);
        } catch (StartException e) {
            // The service files were read at start; one that was broken since changes nothing.
        }
    }

    private static HealthEndpoint health(
            AgentConfig.HostPort at, PrometheusMeasurements figures, EventStore store)
            throws IOException {
        return HealthEndpoint.start(
                new InetSocketAddress(at.host(), at.port()),
                figures,
                () -> store.broken().map(why -> "the event store takes nothing: " + why));
    }

    private static Map<String, Long> counters(@Nullable InspectingProxy proxy) {
        return proxy == null ? Map.of() : proxy.counters();
    }

    private static Map<String, Long> notInspected(InspectingProxy proxy, PassiveMonitor monitor) {
        Map<String, Long> counters = proxy.counters();
        Map<String, Long> share = new TreeMap<>(monitor.counts());
        counters.forEach((name, count) -> {
            if (NOT_INSPECTED.contains(name) && count > 0) {
                share.put(name, count);
            }
        });
        return share;
    }

    private static String remedy(AgentConfig config, IOException e) {
        String message = String.valueOf(e.getMessage());
        return message.startsWith("cannot listen")
                ? "cannot listen on "
                        + config.listen().host()
                        + ":"
                        + config.listen().port()
                        + ": the port is taken or the address is not ours; stop what has it, or give another with --listen"
                : message;
    }

    private static void requireLoopback(AgentConfig config) throws StartException {
        try {
            if (!config.allowRemote()
                    && !InetAddress.getByName(config.listen().host()).isLoopbackAddress()) {
                throw new StartException(
                        ExitStatus.USAGE,
                        "listening on "
                                + config.listen().host()
                                + " would open the proxy to the network; say --allow-remote"
                                + " if that is meant");
            }
        } catch (UnknownHostException e) {
            throw new StartException(
                    ExitStatus.USAGE,
                    "--listen: unknown host '"
                            + config.listen().host()
                            + "'; give an address such as 127.0.0.1");
        }
    }

    /** A proxy that is this agent would send each connection to itself, for ever. */
    private static void requireOtherProxy(AgentConfig config) throws StartException {
        AgentConfig.HostPort proxy = config.upstreamProxy().orElse(null);
        if (proxy == null || proxy.port() != config.listen().port()) {
            return;
        }
        try {
            InetAddress listen = InetAddress.getByName(config.listen().host());
            for (InetAddress at : InetAddress.getAllByName(proxy.host())) {
                if (at.equals(listen)
                        || at.isAnyLocalAddress()
                        || listen.isAnyLocalAddress()
                                && NetworkInterface.getByInetAddress(at) != null) {
                    throw new StartException(
                            ExitStatus.USAGE,
                            "upstream-proxy "
                                    + proxy
                                    + " is this agent itself; name the company's proxy there, or"
                                    + " remove the key");
                }
            }
        } catch (UnknownHostException | SocketException e) {
            // The network may come later; and a name that cannot be resolved is not this machine.
        }
    }

    private static ProxySettings settings(AgentOptions options) throws StartException {
        AgentConfig c = options.config();
        Path bundle =
                c.trustBundle()
                        .or(UpstreamTrust::systemBundle)
                        .orElseThrow(() ->
                                new StartException(
                                        ExitStatus.ENVIRONMENT,
                                        "no trust bundle of this system was found; install ca-certificates, or set trust-bundle in the"
                                                + " configuration"));
        List<Path> anchors = new ArrayList<>(options.upstreamCa());
        for (Path anchor : anchors) {
            if (!Files.isReadable(anchor)) {
                throw new StartException(
                        ExitStatus.USAGE, "--upstream-ca: " + anchor + " cannot be read");
            }
        }
        return new ProxySettings(
                c.listen().host(),
                c.listen().port(),
                options.connectTo(),
                c.maxInspectedBody(),
                MAX_HEAD,
                c.decisionTimeout(),
                c.connectTimeout(),
                c.drainTimeout(),
                c.nativeTransport(),
                c.nativeTls(),
                c.pacDirect(),
                bundle,
                anchors,
                c.chainedPac(),
                c.wayOut());
    }

    /**
     * Takes policy and service files anew (SIGHUP). A policy of the server stays in force; the rest
     * of the configuration needs a restart.
     *
     * @throws StartException with one clear line; what was in force stays
     */
    public void reload(AgentConfig config) throws StartException {
        BundleKeeper.InForce published = bundle.get();
        rules.set(
                published == null
                        ? Rules.load(config.policy(), config.services())
                        : Rules.of(published.engine(), published.document(), config.services()));
        monitor.apply(rules.get());
        pauses.settle();
        record("reload", "policy in force: " + policy());
        lifecycle.recordChange("policy", policy(), Caller.SYSTEM);
    }

    /** Keeps in the lifecycle log what the system did to this agent. Any thread. */
    public void record(String kind, String detail) {
        boolean ignored = lifecycle.record(kind, detail, Caller.SYSTEM);
    }

    /** Says how the agent is about to be stopped, for its lifecycle log. */
    public void stoppedBy(String how) {
        stopped = how;
    }

    /** Name and version of the policy in force. */
    public String policy() {
        return rules.get().policy().version();
    }

    public InetSocketAddress address() {
        return proxy.address();
    }

    /** Where user interfaces connect; empty when no path is short enough. */
    public Optional<Path> socket() {
        return coaching.socket();
    }

    public Path caFile() {
        return folder.caFile();
    }

    /** Tells {@code doctor} of another process what runs here. */
    private void writeStatus(AgentConfig config, String policy, DetectionEngine detection)
            throws IOException {
        Properties status = new Properties();
        status.setProperty("pid", Long.toString(ProcessHandle.current().pid()));
        status.setProperty("address", AgentConfig.HostPort.of(address()).toString());
        status.setProperty("engine", proxy.engine());
        status.setProperty("post-quantum", Boolean.toString(proxy.postQuantum()));
        status.setProperty("transport", proxy.transport());
        status.setProperty("policy", policy);
        if (health != null) {
            status.setProperty("health", AgentConfig.HostPort.of(health.address()).toString());
        }
        config.upstreamProxy().ifPresent(p -> status.setProperty("upstream-proxy", p.toString()));
        config.chainedPac().ifPresent(p -> status.setProperty("chained-pac", p.toString()));
        coaching.socket().ifPresent(s -> status.setProperty("socket", s.toString()));
        String group = ServerLink.read(folder.path()).map(ServerLink::group).orElse(null);
        if (group != null) {
            status.setProperty("group", group);
        }
        status.setProperty("models", String.join("; ", detection.versions()));
        status.setProperty(
                "missing-models", String.join("; ", detection.assess(List.of(), "").missing()));
        write(status, folder.path().resolve("status"));
        if (publicStatus != null) {
            status.setProperty("ca", InstalledService.PUBLIC_CA.toString());
            write(status, publicStatus);
            Files.setPosixFilePermissions(
                    publicStatus, PosixFilePermissions.fromString("rw-r--r--"));
        }
    }

    private static void write(Properties status, Path file) throws IOException {
        Path fresh = file.resolveSibling("status.new");
        try (var out = Files.newBufferedWriter(fresh)) {
            status.store(out, "written at start by the running agent");
        }
        Files.move(
                fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Stops accepting, settles what is held, flushes the store. */
    @Override
    public void close() {
        if (health != null) {
            health.close();
        }
        monitor.close();
        coaching.close();
        proxy.close();
        mappings.close();
        store.close();
        pauses.close();
        boolean kept = lifecycle.record("stop", stopped, Caller.SYSTEM);
        assert kept || !kept; // a full disk holds up no stop
        if (sync != null) {
            sync.close();
        }
        try {
            Files.deleteIfExists(folder.path().resolve("status"));
            if (publicStatus != null) {
                Files.deleteIfExists(publicStatus);
            }
        } catch (IOException e) {
            // A stale status names a dead pid, which doctor checks.
        }
        folder.close();
    }
}
