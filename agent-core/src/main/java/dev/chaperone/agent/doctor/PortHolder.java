// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import dev.chaperone.agent.config.AgentConfig.HostPort;
import dev.chaperone.agent.config.ConfigException;
import dev.chaperone.agent.config.ConfigLoader;
import dev.chaperone.agent.machine.InstalledService;
import dev.chaperone.agent.os.LinuxClientProcesses;
import dev.chaperone.installer.Machine;
import dev.chaperone.installer.UserAccount;
import dev.chaperone.model.prompt.ClientProcess;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
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
        if (port.isEmpty()) {
            return Optional.empty();
        }
        InetSocketAddress at = new InetSocketAddress(port.get().host(), port.get().port());
        if (at.isUnresolved()) {
            return Optional.empty();
        }
        ClientProcess holder = new LinuxClientProcesses().listener(at);
        try {
            Optional<UserAccount> service = machine.user(InstalledService.ACCOUNT);
            if (holder.uid() < 0 || service.isEmpty() || service.get().uid() == holder.uid()) {
                return Optional.empty();
            }
            String user =
                    machine.user((int) holder.uid())
                            .map(UserAccount::name)
                            .orElse("uid " + holder.uid());
            return Optional.of(new PortHolder(port.get(), holder, user));
        } catch (IOException e) {
            return Optional.empty(); // no account can be told from another
        }
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

    String program() {
        String path = process.executable();
        return path == null ? "" : path;
    }
}
