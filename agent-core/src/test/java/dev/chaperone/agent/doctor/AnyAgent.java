// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import dev.chaperone.agent.Agent;
import dev.chaperone.agent.AgentOptions;
import dev.chaperone.agent.config.AgentConfig;
import dev.chaperone.agent.config.AgentConfig.HostPort;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A real agent at a port of its own, for conditions of one that answers. */
final class AnyAgent {
    private AnyAgent() {}

    static Agent start(Path data) throws Exception {
        AgentConfig d = AgentConfig.DEFAULTS;
        return Agent.start(
                new AgentOptions(
                        new AgentConfig(
                                new HostPort("127.0.0.1", 0),
                                false,
                                d.maxInspectedBody(),
                                d.decisionTimeout(),
                                d.connectTimeout(),
                                d.drainTimeout(),
                                true,
                                true,
                                true,
                                Optional.empty(),
                                Optional.empty(),
                                List.of(),
                                Optional.empty(),
                                false,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                List.of()),
                        data,
                        List.of(),
                        List.of()));
    }
}
