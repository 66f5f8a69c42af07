// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import dev.chaperone.agent.config.AgentConfig.HostPort;
import dev.chaperone.agent.machine.InstalledService;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
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
        return read(dataDir.resolve("status"));
    }

    /**
     * The machine's installed service, as it shows itself to every user; empty when it does not
     * run.
     */
    public static Optional<RunningAgent> service() {
        return read(InstalledService.PUBLIC_STATUS);
    }

    /**
     * The agent that a user's programs are to go through: the one on the user's own folder, else
     * the machine's service.
     *
     * @param dataDir data folder, the user's own unless another was asked for
     * @param asked whether it was asked for: then no other agent will do
     */
    public static Optional<RunningAgent> reachable(Path dataDir, boolean asked) {
        return on(dataDir).or(() -> asked ? Optional.empty() : service());
    }

    /** The certificate file that its clients must trust. */
    public Path ca(Path dataDir) {
        return Path.of(properties.getProperty("ca", dataDir.resolve("ca.pem").toString()));
    }

    private static Optional<RunningAgent> read(Path file) {
        Properties properties = new Properties();
        // Another account's, for who is not it: no link is followed, no pipe waited for.
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        try (Reader in =
                new InputStreamReader(
                        Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS),
                        StandardCharsets.UTF_8)) {
            properties.load(in);
            long pid = Long.parseLong(properties.getProperty("pid", "-1"));
            String address = HostPort.parse(properties.getProperty("address", "")).toString();
            for (String path : new String[] {"socket", "ca"}) {
                Path ignored = Path.of(properties.getProperty(path, ""));
            }
            return ProcessHandle.of(pid)
                    .filter(ProcessHandle::isAlive)
                    .map(_ -> new RunningAgent(pid, address, properties));
        } catch (IOException | IllegalArgumentException e) { // damaged: no agent wrote it
            return Optional.empty();
        }
    }
}
