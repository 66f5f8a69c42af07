// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.agent.AgentOptions;
import dev.chaperone.agent.DataFolder;
import dev.chaperone.agent.StartException;
import dev.chaperone.agent.config.AgentConfig;
import dev.chaperone.agent.config.AgentConfig.HostPort;
import dev.chaperone.agent.machine.InstalledService;
import dev.chaperone.inspector.ProxySettings.ConnectTo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The options that start an agent, shared by {@code run} and {@code exec}. They beat the
 * configuration file.
 */
public final class AgentArguments {
    @Option(names = "--config", paramLabel = "FILE", description = "Configuration file (YAML).")
    private @Nullable Path config;

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description = "Where to listen; port 0 picks a free one.")
    private @Nullable String listen;

    @Option(names = "--data-dir", paramLabel = "DIR", description = "Data folder.")
    private @Nullable Path dataDir;

    @Option(
            names = "--connect-to",
            paramLabel = "HOST:PORT:HOST:PORT",
            description =
                    "Connect to the second pair instead of the first, as in curl. Repeatable.")
    private List<String> connectTo = new ArrayList<>();

    @Option(
            names = "--upstream-ca",
            paramLabel = "PEM",
            description = "Trust these upstream CAs too. Repeatable.")
    private List<Path> upstreamCa = new ArrayList<>();

    @Option(
            names = "--service",
            paramLabel = "FILE",
            description = "Add a catalogue file. Repeatable.")
    private List<Path> services = new ArrayList<>();

    @Option(
            names = "--policy",
            paramLabel = "FILE",
            description = "Policy file instead of the shipped baseline.")
    private @Nullable Path policy;

    @Option(names = "--allow-remote", description = "Allow listening on an address off loopback.")
    private boolean allowRemote;

    @Option(names = "--no-ui", description = "Show no user interface.")
    private boolean noUi;

    /** Whether an agent of one's own is asked for: one that runs elsewhere will not do then. */
    boolean ownAgent() {
        return dataDir != null
                || config != null
                || listen != null
                || policy != null
                || !connectTo.isEmpty()
                || !upstreamCa.isEmpty()
                || !services.isEmpty();
    }

    /** Whether the agent is to run without a user interface. */
    public boolean noUi() {
        return noUi;
    }

    /**
     * Reads the configuration and applies the command line.
     *
     * @throws StartException with status 2 and one clear line
     */
    public AgentOptions toOptions() throws StartException {
        Path folder = DataFolder.resolve(dataDir);
        refuseTestOptions(folder);
        AgentConfig c = fromFile();
        List<Path> allServices = new ArrayList<>(c.services());
        allServices.addAll(services);
        AgentConfig merged =
                new AgentConfig(
                        listen == null ? c.listen() : parse("--listen", listen, HostPort::parse),
                        c.allowRemote() || allowRemote,
                        c.maxInspectedBody(),
                        c.decisionTimeout(),
                        c.connectTimeout(),
                        c.drainTimeout(),
                        c.pacDirect(),
                        c.nativeTls(),
                        c.nativeTransport(),
                        c.trustBundle(),
                        Optional.ofNullable(policy).or(c::policy),
                        allServices,
                        c.socket(),
                        c.socketForEveryUser(),
                        c.health(),
                        c.chainedPac(),
                        c.upstreamProxy(),
                        c.upstreamProxyBypass());
        List<ConnectTo> replaced = new ArrayList<>();
        for (String rule : connectTo) {
            replaced.add(parse("--connect-to", rule, ConnectTo::parse));
        }
        return new AgentOptions(merged, folder, replaced, upstreamCa);
    }

    /** With one of these, whoever starts the service could send what it inspects elsewhere. */
    private void refuseTestOptions(Path folder) throws StartException {
        Optional<String> given =
                !connectTo.isEmpty()
                        ? Optional.of("--connect-to")
                        : !upstreamCa.isEmpty()
                                ? Optional.of("--upstream-ca")
                                : !services.isEmpty() ? Optional.of("--service") : Optional.empty();
        if (given.isPresent() && InstalledService.owns(folder)) {
            throw new StartException(
                    ExitStatus.USAGE,
                    given.get()
                            + " is for trying things out: the installed service ("
                            + InstalledService.DATA
                            + ") refuses it; leave it out, or give another --data-dir");
        }
    }

    private AgentConfig fromFile() throws StartException {
        return config == null ? AgentConfig.DEFAULTS : ServiceConfig.load(config);
    }

    private interface Parser<T> {
        T parse(String text);
    }

    private static <T> T parse(String option, String value, Parser<T> parser)
            throws StartException {
        try {
            return parser.parse(value);
        } catch (IllegalArgumentException e) {
            String why =
                    e instanceof NumberFormatException ? "a port is 0 … 65535" : e.getMessage();
            throw new StartException(ExitStatus.USAGE, option + " '" + value + "': " + why);
        }
    }
}
