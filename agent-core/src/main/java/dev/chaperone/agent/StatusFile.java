// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import dev.chaperone.agent.config.AgentConfig;
import dev.chaperone.agent.machine.InstalledService;
import dev.chaperone.agent.os.WholeFile;
import dev.chaperone.agent.sync.ServerLink;
import dev.chaperone.detection.DetectionEngine;
import dev.chaperone.inspector.InspectingProxy;
import java.io.IOException;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * What a running agent tells other processes of itself, such as {@code doctor}: {@code status} in
 * its data folder; of a service for every user also beside its socket, where everybody reads it.
 */
final class StatusFile {
    private final Path folder;
    private final @Nullable Path everybodys;

    /**
     * @param folder the agent's data folder
     */
    StatusFile(Path folder, AgentConfig config) {
        this.folder = folder;
        this.everybodys =
                config.socketForEveryUser()
                        ? config.socket().map(s -> s.resolveSibling("status")).orElse(null)
                        : null;
    }

    /**
     * Written at the start.
     *
     * @param health where it is asked for its health; null when nowhere
     * @param socket of user interfaces; empty when no path is short enough
     * @param policy name and version in force
     */
    void write(
            AgentConfig config,
            InspectingProxy proxy,
            @Nullable InetSocketAddress health,
            Optional<Path> socket,
            String policy,
            DetectionEngine detection)
            throws IOException {
        Properties status = new Properties();
        status.setProperty("pid", Long.toString(ProcessHandle.current().pid()));
        status.setProperty("address", AgentConfig.HostPort.of(proxy.address()).toString());
        status.setProperty("engine", proxy.engine());
        status.setProperty("post-quantum", Boolean.toString(proxy.postQuantum()));
        status.setProperty("transport", proxy.transport());
        status.setProperty("policy", policy);
        if (health != null) {
            status.setProperty("health", AgentConfig.HostPort.of(health).toString());
        }
        config.upstreamProxy().ifPresent(p -> status.setProperty("upstream-proxy", p.toString()));
        config.chainedPac().ifPresent(p -> status.setProperty("chained-pac", p.toString()));
        socket.ifPresent(s -> status.setProperty("socket", s.toString()));
        String group = ServerLink.read(folder).map(ServerLink::group).orElse(null);
        if (group != null) {
            status.setProperty("group", group);
        }
        status.setProperty("models", String.join("; ", detection.versions()));
        status.setProperty(
                "missing-models", String.join("; ", detection.assess(List.of(), "").missing()));
        WholeFile.replace(folder.resolve("status"), text(status));
        if (everybodys != null) {
            status.setProperty("ca", InstalledService.PUBLIC_CA.toString());
            WholeFile.replace(everybodys, text(status));
            Files.setPosixFilePermissions(everybodys, PosixFilePermissions.fromString("rw-r--r--"));
        }
    }

    private static byte[] text(Properties status) throws IOException {
        StringWriter out = new StringWriter();
        status.store(out, "written at start by the running agent");
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** At the end. One that stays names a process that is gone, which readers look at. */
    void remove() {
        try {
            Files.deleteIfExists(folder.resolve("status"));
            if (everybodys != null) {
                Files.deleteIfExists(everybodys);
            }
        } catch (IOException e) {
            // As said above.
        }
    }
}
