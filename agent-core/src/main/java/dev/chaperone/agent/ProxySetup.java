// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import dev.chaperone.agent.cli.ExitStatus;
import dev.chaperone.agent.config.AgentConfig;
import dev.chaperone.inspector.ProxySettings;
import dev.chaperone.inspector.tls.UpstreamTrust;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the configuration means for the proxy, and what of it cannot be. */
final class ProxySetup {
    private static final int MAX_HEAD = 256 << 10;

    private ProxySetup() {}

    /**
     * Refuses addresses that would open the proxy to the network, or lead it to itself.
     *
     * @throws StartException naming the option and the remedy
     */
    static void check(AgentConfig config) throws StartException {
        requireLoopback(config);
        requireOtherProxy(config);
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

    /**
     * The proxy's settings.
     *
     * @throws StartException when the system has no trust bundle, or a named file cannot be read
     */
    static ProxySettings settings(AgentOptions options) throws StartException {
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

    /** One line for a start that failed in the middle. */
    static String remedy(AgentConfig config, IOException e) {
        String message = String.valueOf(e.getMessage());
        return message.startsWith("cannot listen")
                ? "cannot listen on "
                        + config.listen().host()
                        + ":"
                        + config.listen().port()
                        + ": the port is taken or the address is not ours; stop what has it, or give another with --listen"
                : message;
    }
}
