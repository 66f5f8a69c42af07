// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import dev.chaperone.agent.cli.ExitStatus;
import dev.chaperone.agent.config.AgentConfig;
import dev.chaperone.agent.os.LinuxClientProcesses;
import dev.chaperone.agent.store.EventStore;
import dev.chaperone.detection.DetectionEngine;
import dev.chaperone.inspector.InspectingProxy;
import dev.chaperone.inspector.ProxySettings;
import dev.chaperone.inspector.tls.OpenHosts;
import dev.chaperone.inspector.tls.UpstreamTrust;
import dev.chaperone.pki.ServiceCertificates;
import dev.chaperone.policies.PolicyEngine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/** A running agent: the composition of all parts. Started and closed by {@code RunCommand}. */
public final class Agent implements AutoCloseable {
    private static final int MAX_HEAD = 256 << 10;

    private final DataFolder folder;
    private final EventStore store;
    private final InspectingProxy proxy;
    private final CoachingService coaching;

    private Agent(
            DataFolder folder, EventStore store, InspectingProxy proxy, CoachingService coaching) {
        this.folder = folder;
        this.store = store;
        this.proxy = proxy;
        this.coaching = coaching;
    }

    /**
     * Starts an agent; it listens when this returns.
     *
     * @throws StartException with one clear line when it cannot
     */
    public static Agent start(AgentOptions options) throws StartException {
        AgentConfig config = options.config();
        requireLoopback(config);
        Rules rules = Rules.load(config.policy(), config.services());
        DataFolder folder = DataFolder.open(options.dataDir()).claim();
        try {
            InstantSource clock = InstantSource.system();
            ServiceCertificates certificates =
                    new ServiceCertificates(folder.root(clock.instant()), clock);
            EventStore store = new EventStore(folder.path(), folder.vault());
            DetectionEngine detection = DetectionEngine.standard();
            PolicyEngine policy = rules.policy();
            OpenHosts hosts = rules.openHosts();
            EventRecorder recorder =
                    new EventRecorder(
                            store, Pseudonyms.open(folder.vault()), detection.versions(), clock);
            CoachingService coaching = CoachingService.start(folder, clock);
            PromptPipeline pipeline =
                    new PromptPipeline(detection, () -> policy, recorder, coaching.desk(), clock);
            InspectingProxy proxy =
                    new InspectingProxy(
                            settings(options),
                            () -> hosts,
                            pipeline,
                            certificates,
                            LinuxClientProcesses.forThisSystem());
            Agent agent = new Agent(folder, store, proxy, coaching);
            agent.writeStatus(policy.version(), detection);
            Thread.ofPlatform()
                    .daemon()
                    .name("warm-up")
                    .start(() -> WarmUp.run(detection, policy, clock));
            return agent;
        } catch (IOException e) {
            folder.close();
            throw new StartException(ExitStatus.ENVIRONMENT, remedy(config, e));
        }
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
                anchors);
    }

    public InetSocketAddress address() {
        return proxy.address();
    }

    public Path caFile() {
        return folder.caFile();
    }

    /** Tells {@code doctor} of another process what runs here. */
    private void writeStatus(String policy, DetectionEngine detection) throws IOException {
        Properties status = new Properties();
        status.setProperty("pid", Long.toString(ProcessHandle.current().pid()));
        status.setProperty("address", AgentConfig.HostPort.of(address()).toString());
        status.setProperty("engine", proxy.engine());
        status.setProperty("post-quantum", Boolean.toString(proxy.postQuantum()));
        status.setProperty("transport", proxy.transport());
        status.setProperty("policy", policy);
        coaching.socket().ifPresent(s -> status.setProperty("socket", s.toString()));
        status.setProperty("models", String.join("; ", detection.versions()));
        status.setProperty(
                "missing-models", String.join("; ", detection.assess(List.of(), "").missing()));
        Path fresh = folder.path().resolve("status.new");
        try (var out = Files.newBufferedWriter(fresh)) {
            status.store(out, "written at start by the running agent");
        }
        Files.move(
                fresh,
                folder.path().resolve("status"),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    /** Stops accepting, settles what is held, flushes the store. */
    @Override
    public void close() {
        coaching.close();
        proxy.close();
        store.close();
        try {
            Files.deleteIfExists(folder.path().resolve("status"));
        } catch (IOException e) {
            // A stale status names a dead pid, which doctor checks.
        }
        folder.close();
    }
}
