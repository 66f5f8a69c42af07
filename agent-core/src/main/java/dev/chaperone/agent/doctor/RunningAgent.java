// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;

/**
 * What a running agent says of itself in its data folder.
 *
 * @param pid its process
 * @param address HOST:PORT it listens on
 * @param properties everything it wrote
 */
public record RunningAgent(long pid, String address, Properties properties) {
    /** Empty when no agent runs on the folder, or the one that wrote the file is dead. */
    public static Optional<RunningAgent> on(Path dataDir) {
        Path file = dataDir.resolve("status");
        Properties properties = new Properties();
        try (Reader in = Files.newBufferedReader(file)) {
            properties.load(in);
            long pid = Long.parseLong(properties.getProperty("pid", "-1"));
            return ProcessHandle.of(pid)
                    .filter(ProcessHandle::isAlive)
                    .map(_ ->
                            new RunningAgent(
                                    pid, properties.getProperty("address", ""), properties));
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }
}
