// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.agent.StartException;
import dev.chaperone.agent.config.AgentConfig;
import dev.chaperone.agent.config.ConfigException;
import dev.chaperone.agent.config.ConfigLoader;
import java.nio.file.Files;
import java.nio.file.Path;

/** Configuration for commands that start no agent. */
final class ServiceConfig {
    private ServiceConfig() {}

    /**
     * Reads a file.
     *
     * @param file one that is not there holds the defaults
     * @throws StartException with status 2 and a line for each problem
     */
    static AgentConfig ifPresent(Path file) throws StartException {
        return Files.exists(file) ? load(file) : AgentConfig.DEFAULTS;
    }

    /**
     * Reads a file.
     *
     * @throws StartException with status 2 and a line for each problem
     */
    static AgentConfig load(Path file) throws StartException {
        try {
            return ConfigLoader.load(file);
        } catch (ConfigException e) {
            throw new StartException(ExitStatus.USAGE, String.valueOf(e.getMessage()));
        }
    }
}
