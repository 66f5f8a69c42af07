// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import dev.chaperone.agent.config.AgentConfig.HostPort;
import dev.chaperone.agent.config.ConfigException;
import dev.chaperone.agent.config.ConfigLoader;
import dev.chaperone.agent.machine.InstalledService;
import dev.chaperone.agent.os.LinuxClientProcesses;
import dev.chaperone.installer.Machine;
import dev.chaperone.model.prompt.ClientProcess;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Who accepts connections on the service's port in its place. Any user's program can take the port
 * while the service does not run, and then serves browsers its own PAC file.
 *
 * @param at the port
 * @param process its user is known to everybody, itself to that user and to root
 * @param user name, or number where the account file names none
 */
record PortHolder(HostPort at, ClientProcess process, String user) {

    /** Nobody, or the service's account. */
    static Optional<PortHolder> insteadOfService(Machine machine, Optional<HostPort> proxy) {
        Optional<HostPort> port = proxy.or(() -> configured(machine));
        Optional<String> account = field(machine, 0, InstalledService.ACCOUNT, 2);
        if (port.isEmpty() || account.isEmpty()) {
            return Optional.empty();
        }
        InetSocketAddress at = new InetSocketAddress(port.get().host(), port.get().port());
        if (at.isUnresolved()) {
            return Optional.empty();
        }
        ClientProcess holder = new LinuxClientProcesses().listener(at);
        String uid = Long.toString(holder.uid());
        return holder.uid() < 0 || uid.equals(account.get())
                ? Optional.empty()
                : Optional.of(
                        new PortHolder(
                                port.get(),
                                holder,
                                field(machine, 2, uid, 0).orElse("uid " + uid)));
    }

    /** Where the service is to listen; it has not said so itself. */
    private static Optional<HostPort> configured(Machine machine) {
        Path file = machine.path(InstalledService.CONFIG.toString());
        try {
            return Files.isReadable(file)
                    ? Optional.of(ConfigLoader.load(file).listen())
                    : Optional.empty();
        } catch (ConfigException e) {
            return Optional.empty(); // the service says what is wrong with it
        }
    }

    /** A field of passwd(5), of the line where another has a value. */
    private static Optional<String> field(Machine machine, int known, String value, int wanted) {
        try (var lines = Files.lines(machine.path("/etc/passwd"))) {
            return lines.map(line -> List.of(line.split(":", -1)))
                    .filter(fields -> fields.size() >= 7 && fields.get(known).equals(value))
                    .map(fields -> fields.get(wanted))
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    String program() {
        String path = process.executable();
        return path == null ? "" : path;
    }
}
