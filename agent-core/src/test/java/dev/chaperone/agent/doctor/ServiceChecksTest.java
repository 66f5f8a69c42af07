// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.net.httpserver.HttpServer;
import dev.chaperone.agent.config.AgentConfig.HostPort;
import dev.chaperone.agent.doctor.MachineChecks.Scope;
import dev.chaperone.installer.Commands;
import dev.chaperone.installer.Machine;
import dev.chaperone.installer.UserAccount;
import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.model.ipc.AgentStatus.State;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What systemctl prints is written here; the port is a real one that answers. */
class ServiceChecksTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path root;

    @SuppressWarnings("NullAway.Init") // before each
    private HttpServer server;

    @BeforeEach
    void start() throws Exception {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/proxy.pac",
                exchange -> {
                    exchange.sendResponseHeaders(200, -1);
                    exchange.close();
                });
        server.start();
        Files.createDirectories(root.resolve("run/systemd/system"));
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private record Systemctl(Ended ended) implements Commands {
        @Override
        public Ended run(List<String> command) {
            if (command.getFirst().equals("getent")) {
                return new Ended(NOT_FOUND, ""); // the accounts are those of the file
            }
            assertThat(command).startsWith("systemctl", "show", "chaperone.service");
            return ended;
        }

        @Override
        public Ended runAs(UserAccount user, List<String> command) {
            return run(command);
        }

        @Override
        public boolean installed(String program) {
            return true;
        }
    }

    private Optional<HostPort> answering() {
        return Optional.of(new HostPort("127.0.0.1", server.getAddress().getPort()));
    }

    private Check examined(Commands.Ended systemctl, Optional<HostPort> proxy) {
        Machine machine = new Machine(root, new Systemctl(systemctl));
        List<Check> checks =
                ServiceChecks.examine(new Scope(machine, List.of(), proxy, List.of(), true), "en");
        assertThat(checks).hasSize(1);
        return checks.getFirst();
    }

    @ParameterizedTest
    @CsvSource({
        "active, running, success, 0, OK, running and answering, ''",
        "active, running, success, 3, NOTE, restarted it 3 times, journalctl -u chaperone",
        "failed, failed, exit-code, 5, BAD, the service is failed (exit-code), systemctl start",
        "inactive, dead, success, 0, BAD, the service is inactive (success), systemctl start",
        "activating, auto-restart, watchdog, 2, BAD, is activating (watchdog), systemctl start",
    })
    void whatTheServiceManagerSays(
            String active,
            String sub,
            String result,
            int restarts,
            State state,
            String says,
            String remedy) {
        String shown =
                "ActiveState=%s%nSubState=%s%nResult=%s%nNRestarts=%d%n"
                        .formatted(active, sub, result, restarts);
        Check check = examined(new Commands.Ended(0, shown), answering());
        assertThat(check.state()).isEqualTo(state);
        assertThat(check.says()).contains(says);
        assertThat(check.remedy()).contains(remedy);
        assertThat(check.evidence())
                .startsWith(
                        "chaperone.service ActiveState=%s SubState=%s Result=%s NRestarts=%d"
                                .formatted(active, sub, result, restarts))
                .endsWith(": answers");
    }

    @Test
    void serviceThatNamesNoAddressDoesNotRun() {
        Check check = examined(new Commands.Ended(1, "no such unit"), Optional.empty());
        assertThat(check.state()).isEqualTo(State.BAD);
        assertThat(check.says()).contains("does not run");
        assertThat(check.remedy()).isEqualTo("systemctl start chaperone");
        assertThat(check.evidence()).isEqualTo("no service manager says; names no address");
    }

    @Test
    void machineWithoutSystemdIsAskedByThePortAlone() throws Exception {
        Files.delete(root.resolve("run/systemd/system"));
        Check check = examined(new Commands.Ended(0, "ActiveState=failed"), answering());
        assertThat(check.state()).isEqualTo(State.OK);
        server.stop(0);
        assertThat(examined(new Commands.Ended(0, ""), answering()).state()).isEqualTo(State.BAD);
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void programOfSomebodyElseOnTheServicesPortIsNamed(boolean statusSays) throws Exception {
        assumeThat(Files.exists(Path.of("/proc/net/tcp"))).isTrue();
        int port = server.getAddress().getPort();
        Object mine = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        Files.createDirectories(root.resolve("etc/chaperone"));
        Files.writeString(
                root.resolve("etc/passwd"),
                "chaperone:x:4242:4242::/var/lib/chaperone:/usr/sbin/nologin\n"
                        + "mallory:x:%s:%s::/home/mallory:/bin/sh\n".formatted(mine, mine));
        Files.writeString(
                root.resolve("etc/chaperone/config.yaml"), "listen: 127.0.0.1:" + port + "\n");
        Check check =
                examined(
                        new Commands.Ended(0, "ActiveState=activating\n"),
                        statusSays ? answering() : Optional.empty());
        assertThat(check.state()).isEqualTo(State.BAD);
        assertThat(check.says())
                .contains("127.0.0.1:" + port + " is taken by ")
                .contains("java, process " + ProcessHandle.current().pid() + " of mallory");
        assertThat(check.remedy()).startsWith("kill " + ProcessHandle.current().pid() + ";");
        assertThat(check.evidence()).endsWith("is held by uid " + mine);
    }

    @Test
    void portOfTheServicesAccountIsItsOwn() throws Exception {
        assumeThat(Files.exists(Path.of("/proc/net/tcp"))).isTrue();
        Object mine = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        Files.createDirectories(root.resolve("etc"));
        Files.writeString(root.resolve("etc/passwd"), "chaperone:x:" + mine + ":1:::\n");
        assertThat(examined(new Commands.Ended(0, "ActiveState=active\n"), answering()).state())
                .isEqualTo(State.OK);
    }
}
