// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import dev.chaperone.agent.config.AgentConfig;
import dev.chaperone.inspector.ProxySettings.ConnectTo;
import java.nio.file.Path;
import java.util.List;

/**
 * What one run of the agent is started with.
 *
 * @param config the configuration, command line already applied
 * @param dataDir the data folder
 * @param connectTo replaced upstream addresses
 * @param upstreamCa further trust anchors for upstreams
 */
public record AgentOptions(
        AgentConfig config, Path dataDir, List<ConnectTo> connectTo, List<Path> upstreamCa) {
    public AgentOptions {
        connectTo = List.copyOf(connectTo);
        upstreamCa = List.copyOf(upstreamCa);
    }
}
