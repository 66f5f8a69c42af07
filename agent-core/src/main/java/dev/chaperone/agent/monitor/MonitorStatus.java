// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.monitor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.Properties;

/**
 * How the monitor stands, for {@code doctor}: {@code monitor-status} in the data folder, there
 * while policy asks for it and the agent runs. Names no host.
 *
 * @param pid of the monitor's process; 0 while there is none
 * @param problem why there is none, one line; empty while there is one
 * @param dropped frames that the kernel had no room for
 * @param unreadQuic QUIC connections whose hello could not be read
 */
public record MonitorStatus(long pid, String problem, long dropped, long unreadQuic) {
    private static final String FILE = "monitor-status";

    static final MonitorStatus STARTING = new MonitorStatus(0, "it is being started", 0, 0);

    static MonitorStatus failed(String problem) {
        return new MonitorStatus(0, problem, 0, 0);
    }

    MonitorStatus counting(long newDropped, long newUnreadQuic) {
        return new MonitorStatus(pid, problem, newDropped, newUnreadQuic);
    }

    void write(Path dataDir) {
        Properties p = new Properties();
        p.setProperty("pid", Long.toString(pid));
        p.setProperty("problem", problem);
        p.setProperty("dropped", Long.toString(dropped));
        p.setProperty("unread-quic", Long.toString(unreadQuic));
        Path fresh = dataDir.resolve(FILE + ".new");
        try {
            try (var out = Files.newBufferedWriter(fresh)) {
                p.store(out, "written by the running agent");
            }
            Files.move(
                    fresh,
                    dataDir.resolve(FILE),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            // doctor then sees the last one
        }
    }

    static void remove(Path dataDir) {
        try {
            Files.deleteIfExists(dataDir.resolve(FILE));
        } catch (IOException e) {
            // doctor reads it only while an agent runs
        }
    }

    /** The last one written; empty when policy does not ask for the monitor. */
    public static Optional<MonitorStatus> read(Path dataDir) {
        Properties p = new Properties();
        try (var in = Files.newBufferedReader(dataDir.resolve(FILE))) {
            p.load(in);
            return Optional.of(
                    new MonitorStatus(
                            number(p, "pid"),
                            p.getProperty("problem", ""),
                            number(p, "dropped"),
                            number(p, "unread-quic")));
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static long number(Properties p, String key) {
        return Long.parseLong(p.getProperty(key, "0"));
    }
}
