// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import static dev.chaperone.agent.doctor.WrittenFolder.named;
import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.agent.config.AgentConfig.HostPort;
import dev.chaperone.agent.doctor.MachineChecks.Scope;
import dev.chaperone.agent.lifecycle.LifecycleLog;
import dev.chaperone.agent.os.FileKeyVault;
import dev.chaperone.agent.pause.PauseDesk;
import dev.chaperone.installer.Commands;
import dev.chaperone.installer.Machine;
import dev.chaperone.installer.UserAccount;
import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.model.ipc.AgentStatus.State;
import dev.chaperone.model.sync.Issuance;
import dev.chaperone.pki.DeviceRoot;
import dev.chaperone.policies.PolicyDocument;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each condition says by what it was seen, and what to do when it does not hold: on a device where
 * most is wrong, and on a new one. Those of a running agent and of a machine that is set up are in
 * {@link MachineChecksTest}.
 */
class EvidenceTest {
    private final Instant now = Instant.now();

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @SuppressWarnings("NullAway.Init") // before each
    private WrittenFolder device;

    @BeforeEach
    void device() {
        device = new WrittenFolder(folder);
    }

    /** A machine without any program. */
    private static final class Nothing implements Commands {
        @Override
        public Ended run(List<String> command) {
            return new Ended(NOT_FOUND, command.getFirst() + " is not installed");
        }

        @Override
        public Ended runAs(UserAccount user, List<String> command) {
            return run(command);
        }

        @Override
        public boolean installed(String program) {
            return false;
        }
    }

    static void assertWhole(List<Check> checks) {
        assertThat(checks)
                .isNotEmpty()
                .allSatisfy(c -> {
                    assertThat(c.says()).as(c.name()).isNotBlank();
                    assertThat(c.evidence())
                            .as("evidence of " + c)
                            .isNotBlank()
                            .doesNotContain("\n");
                    if (c.state() != State.OK) {
                        assertThat(c.remedy()).as("remedy of " + c).isNotBlank();
                    }
                });
    }

    @Test
    void ofADeviceWhereMostIsWrong() throws Exception {
        device.enrolled();
        device.synced(now.minus(Duration.ofDays(9)), 4, 7200L, "no route to the server");
        device.issued(
                now,
                Duration.ofDays(-1),
                List.of(new Issuance.Refused("one", "host.test", "closed")));
        device.recorded(now.minus(Duration.ofHours(2)));
        device.dropped(3);
        device.lost(2);
        String ended = WrittenFolder.pem(now, Duration.ofDays(-5));
        Files.writeString(folder.resolve("ca.pem"), ended);
        List<Check> checks = Doctor.examine(folder, "en", null);
        assertWhole(checks);
        assertThat(checks)
                .extracting(Check::name)
                .contains("port", "ca", "key-vault", "upstream-trust", "store", "losses", "dropped")
                .contains("only-warned", "not-inspected", "passed-by", "policy", "models", "server")
                .contains("policy-bundle", "fleet", "chain", "root-trust", "not-opened")
                .contains("policy-freshness", "spool", "clock", "disk", "lifecycle");
        Check ca = named(checks, "ca");
        assertThat(ca.state()).isEqualTo(State.BAD);
        assertThat(ca.says()).startsWith("root valid until ");
        assertThat(ca.remedy()).contains("remove keys/device-root-key");
        assertThat(ca.evidence()).contains(folder.resolve("ca.pem") + ": SHA-256 ");
    }

    @Test
    void ofANewDevice() {
        List<Check> checks = Doctor.examine(folder, "de", null);
        assertWhole(checks);
        assertThat(named(checks, "server").evidence()).endsWith("server.json: is not there");
    }

    @Test
    void ofADamagedDevice() throws Exception {
        Files.createDirectory(folder.resolve("ca.pem"));
        Files.writeString(folder.resolve("server.json"), "{");
        Files.writeString(folder.resolve("events.db"), "no database");
        Files.setLastModifiedTime(
                folder.resolve("server.json"), FileTime.from(now.plus(Duration.ofDays(1))));
        List<Check> checks = Doctor.examine(folder, "en", null);
        assertWhole(checks);
        assertThat(checks)
                .filteredOn(c -> c.state() == State.BAD)
                .extracting(Check::name)
                .contains("port", "ca", "store", "server", "chain", "clock");
    }

    @Test
    void ofAMachineThatNothingWasDoneTo() throws Exception {
        Path home = Path.of("/home/ann");
        Machine machine = new Machine(folder, new Nothing());
        Files.createDirectories(machine.path(home + "/.pki/nssdb"));
        Files.writeString(machine.path(home + "/.pki/nssdb/cert9.db"), "");
        Path cacerts = machine.path("/usr/lib/jvm/jdk-1/lib/security/cacerts");
        Files.createDirectories(cacerts.getParent());
        Files.writeString(cacerts, "no keystore");
        Scope scope =
                new Scope(
                        machine,
                        List.of(DeviceRoot.create("Test", now).certificate()),
                        Optional.of(new HostPort("127.0.0.1", 1)),
                        List.of(new UserAccount("ann", 1000, home)),
                        true);
        List<Check> checks = new ArrayList<>(StoreChecks.examine(scope, "en"));
        checks.addAll(BrowserChecks.examine(scope, "en"));
        checks.addAll(ServiceChecks.examine(scope, "en"));
        assertWhole(checks);
        assertThat(checks)
                .extracting(Check::name)
                .contains("service", "ca-store:system", "ca-store:public")
                .contains("ca-store:java:/usr/lib/jvm/jdk-1/lib/security/cacerts")
                .contains("ca-store:nss:" + machine.path(home + "/.pki/nssdb"))
                .contains("pac", "pac:chromium", "pac:firefox", "quic");
        assertThat(named(checks, "ca-store:system").state()).isEqualTo(State.BAD);
        assertThat(named(checks, "ca-store:java:/usr/lib/jvm/jdk-1/lib/security/cacerts"))
                .matches(c -> c.state() == State.NOTE && c.says().contains("cannot be told"));
    }

    @Test
    void ofWhatOnlyTheAgentKnows() throws Exception {
        LifecycleLog log =
                new LifecycleLog(
                        folder, new FileKeyVault(folder.resolve("keys")), InstantSource.system());
        PolicyDocument.Pause allowed = new PolicyDocument.Pause(Duration.ofMinutes(5), false);
        try (PauseDesk desk =
                new PauseDesk(() -> Optional.of(allowed), log, InstantSource.system())) {
            List<Check> checks = new ArrayList<>(PauseCheck.of(desk, 0, "en"));
            checks.add(UiCheck.of(true, "en"));
            checks.add(UiCheck.of(false, "en"));
            assertThat(checks).hasSize(3);
            assertWhole(checks);
        }
    }
}
