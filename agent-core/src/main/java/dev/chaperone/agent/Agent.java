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
import dev.chaperone.pki.OrganisationRoot;
import dev.chaperone.pki.ServiceCertificates;
import dev.chaperone.policies.PolicyEngine;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A running agent: the composition of all parts. Started and closed by {@code RunCommand}. */
public final class Agent implements AutoCloseable {
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
    private final RulesInForce rules;
    private final LifecycleLog lifecycle;
    private final PauseDesk pauses;
    private final StatusFile status;

    /** How it is being stopped. */
    private volatile String stopped = "clean";

    private Agent(
            DataFolder folder,
            EventStore store,
            InspectingProxy proxy,
            PassiveMonitor monitor,
            CoachingService coaching,
            RestoreStore mappings,
            @Nullable HealthEndpoint health,
            @Nullable ServerSync sync,
            RulesInForce rules,
            StatusFile status,
            LifecycleLog lifecycle,
            PauseDesk pauses) {
        this.lifecycle = lifecycle;
        this.pauses = pauses;
        this.folder = folder;
        this.status = status;
        this.store = store;
        this.proxy = proxy;
        this.monitor = monitor;
        this.coaching = coaching;
        this.mappings = mappings;
        this.health = health;
        this.sync = sync;
        this.rules = rules;
    }

    /**
     * Starts an agent; it listens when this returns.
     *
     * @throws StartException with one clear line when it cannot
     */
    public static Agent start(AgentOptions options) throws StartException {
        AgentConfig config = options.config();
        NameCaching.brief();
        ProxySetup.check(config);
        RulesInForce rules = new RulesInForce(config);
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
                bundles.load().ifPresent(b -> rules.use(b, config));
            }
            Pseudonyms pseudonyms = Pseudonyms.open(folder.vault());
            EventRecorder recorder =
                    new EventRecorder(store, pseudonyms, detection.versions(), clock);
            RestoreStore mappings = RestoreStore.open(folder.path(), folder.vault(), clock);
            PauseDesk pauses = new PauseDesk(() -> rules.document().pause(), lifecycle, clock);
            CoachingService coaching =
                    CoachingService.start(
                            folder,
                            config,
                            new UserRecords(
                                    folder, pseudonyms, mappings, rules::document, pauses, clock),
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
                            rules::policy,
                            recorder,
                            coaching.desk(),
                            mappings,
                            new NoticeBoard(coaching::tell),
                            pauses,
                            measurements,
                            clock);
            InspectingProxy proxy =
                    new InspectingProxy(
                            ProxySetup.settings(options),
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
            lifecycle.recordChange("policy", rules.policy().version(), Caller.SYSTEM);
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
                                        rules.use(b, config);
                                        monitor.apply(rules.get());
                                        pauses.settle();
                                        lifecycle.recordChange(
                                                "policy", rules.policy().version(), Caller.SYSTEM);
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
            StatusFile status = new StatusFile(folder.path(), config);
            Agent agent =
                    new Agent(
                            folder, store, proxy, monitor, coaching, mappings, health, sync, rules,
                            status, lifecycle, pauses);
            status.write(
                    config,
                    proxy,
                    health == null ? null : health.address(),
                    coaching.socket(),
                    rules.policy().version(),
                    detection);
            PolicyEngine policy = rules.policy();
            Thread.ofPlatform()
                    .daemon()
                    .name("warm-up")
                    .start(() -> WarmUp.run(detection, policy, clock));
            ResidentPages.keepFew();
            return agent;
        } catch (IOException e) {
            folder.close();
            throw new StartException(ExitStatus.ENVIRONMENT, ProxySetup.remedy(config, e));
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

    /**
     * Takes policy and service files anew (SIGHUP). A policy of the server stays in force; the rest
     * of the configuration needs a restart.
     *
     * @throws StartException with one clear line; what was in force stays
     */
    public void reload(AgentConfig config) throws StartException {
        rules.reload(config);
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
        return rules.policy().version();
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
        status.remove();
        folder.close();
    }
}
