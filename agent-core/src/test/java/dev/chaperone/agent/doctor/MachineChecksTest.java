// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chaperone.agent.Agent;
import dev.chaperone.agent.config.AgentConfig.HostPort;
import dev.chaperone.agent.doctor.MachineChecks.Scope;
import dev.chaperone.inspector.tls.UpstreamTrust;
import dev.chaperone.installer.Commands;
import dev.chaperone.installer.Machine;
import dev.chaperone.installer.MachineSettings;
import dev.chaperone.installer.MachineSetup;
import dev.chaperone.installer.SystemCommands;
import dev.chaperone.installer.UserAccount;
import dev.chaperone.installer.linux.ChromiumPolicies;
import dev.chaperone.installer.linux.FirefoxPolicies;
import dev.chaperone.installer.linux.JavaKeystores;
import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.model.ipc.AgentStatus.State;
import dev.chaperone.pki.DeviceRoot;
import dev.chaperone.pki.OrganisationRoot;
import dev.chaperone.pki.Pem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A folder that stands for a machine, set up by the installer's own steps, with the system's
 * certutil and a real agent behind the PAC address.
 */
class MachineChecksTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private static Path data;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path root;

    @SuppressWarnings("NullAway.Init") // before all
    private static Agent agent;

    private static final Path HOME = Path.of("/home/ann");
    private final Commands commands = new SystemCommands();
    private final X509Certificate ours = DeviceRoot.create("Test", Instant.now()).certificate();

    @SuppressWarnings("NullAway.Init") // before each
    private Machine machine;

    @BeforeAll
    static void start() throws Exception {
        agent = AnyAgent.start(data);
    }

    @AfterAll
    static void stop() {
        agent.close();
    }

    private static HostPort proxy() {
        return HostPort.of(agent.address());
    }

    @BeforeEach
    void setUp() throws Exception {
        machine = new Machine(root, commands);
        write("/etc/chaperone/ca.pem", Pem.encode(ours));
        write(UpstreamTrust.systemBundle().orElseThrow().toString(), Pem.encode(ours));
        keystore(List.of(ours));
        MachineSetup setup =
                new MachineSetup(
                        machine,
                        root.resolve("undo"),
                        List.of(
                                new JavaKeystores(),
                                new FirefoxPolicies(),
                                new ChromiumPolicies()));
        assertThat(
                        setup.install(
                                new MachineSettings(
                                        List.of(ours), "http://" + proxy() + "/proxy.pac")))
                .allMatch(MachineSetup.Outcome::done);
    }

    private void write(String file, String text) throws Exception {
        Path path = machine.path(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private void keystore(List<X509Certificate> held) throws Exception {
        Path file = machine.path("/usr/lib/jvm/jdk-1/lib/security/cacerts");
        Files.createDirectories(file.getParent());
        KeyStore store = KeyStore.getInstance("JKS");
        store.load(null, null);
        store.setCertificateEntry("other", other());
        for (X509Certificate one : held) {
            store.setCertificateEntry("ours", one);
        }
        try (var out = Files.newOutputStream(file)) {
            store.store(out, "changeit".toCharArray());
        }
    }

    private static X509Certificate other() {
        return DeviceRoot.create("Other", Instant.now()).certificate();
    }

    private Scope scope(List<UserAccount> people) {
        return new Scope(machine, List.of(ours), Optional.of(proxy()), people, false);
    }

    private List<Check> stores() {
        return StoreChecks.examine(scope(List.of()), "en");
    }

    private List<Check> browsers() {
        return BrowserChecks.examine(scope(List.of()), "en");
    }

    private static Check named(List<Check> checks, String name) {
        return checks.stream().filter(c -> c.name().equals(name)).findFirst().orElseThrow();
    }

    @Test
    void everythingHoldsOnAMachineThatTheInstallerSetUp() {
        assertThat(stores()).extracting(Check::state).containsOnly(State.OK);
        assertThat(stores())
                .extracting(Check::name)
                .contains(
                        "ca-store:public",
                        "ca-store:system",
                        "ca-store:java:/usr/lib/jvm/jdk-1/lib/security/cacerts",
                        "ca-store:firefox-policy",
                        "ca-store:chromium-policy:chrome");
        assertThat(browsers()).extracting(Check::state).containsOnly(State.OK);
        assertThat(browsers())
                .extracting(Check::name)
                .containsExactly("pac", "pac:chromium", "pac:firefox", "quic");
    }

    @Test
    void everyConditionSaysByWhatItWasSeen() {
        EvidenceTest.assertWhole(stores());
        EvidenceTest.assertWhole(browsers());
        EvidenceTest.assertWhole(ServiceChecks.examine(scope(List.of()), "en"));
        List<Check> running = Doctor.examine(data, "en", null);
        EvidenceTest.assertWhole(running);
        assertThat(running)
                .extracting(Check::name)
                .contains("port", "socket", "engine", "post-quantum", "policy", "unproxied");
        assertThat(named(running, "port").state()).isEqualTo(State.OK);
        assertThat(named(running, "port").evidence())
                .startsWith("connect " + proxy())
                .endsWith(": answers");
    }

    @Test
    void bundleWithACertificateOfTheSameNameLacksTheRoot() throws Exception {
        X509Certificate sameName = DeviceRoot.create("Test", Instant.now()).certificate();
        write(UpstreamTrust.systemBundle().orElseThrow().toString(), Pem.encode(sameName));
        Check system = named(stores(), "ca-store:system");
        assertThat(system.state()).isEqualTo(State.BAD);
        assertThat(system.remedy()).contains("chaperone machine repair");
    }

    @Test
    void keystoreAndPoliciesWithoutTheRootAreNamed() throws Exception {
        keystore(List.of());
        write("/etc/chaperone/ca.pem", Pem.encode(other()));
        write(
                "/etc/opt/chrome/policies/managed/chaperone.json",
                "{\"CACertificates\":[\"AAAA\"],\"QuicAllowed\":false}");
        assertThat(stores())
                .filteredOn(c -> c.state() == State.BAD)
                .extracting(Check::name)
                .containsExactlyInAnyOrder(
                        "ca-store:public",
                        "ca-store:java:/usr/lib/jvm/jdk-1/lib/security/cacerts",
                        "ca-store:firefox-policy",
                        "ca-store:chromium-policy:chrome");
    }

    @Test
    void nssDatabaseIsComparedByCertificateAndByTrust() throws Exception {
        assumeTrue(commands.installed("certutil"), "certutil (libnss3-tools) is not installed");
        Path database = machine.path(HOME + "/.pki/nssdb");
        Files.createDirectories(database);
        certutil(database, "-N", "--empty-password");
        List<UserAccount> ann = List.of(new UserAccount("ann", -1, HOME));
        String name = "ca-store:nss:" + database;
        assertThat(named(StoreChecks.ofPeople(scope(ann), "en"), name).state())
                .isEqualTo(State.BAD);
        Path pem = Files.writeString(root.resolve("ours.pem"), Pem.encode(ours));
        certutil(database, "-A", "-n", "any name", "-t", ",,", "-a", "-i", pem.toString());
        assertThat(named(StoreChecks.ofPeople(scope(ann), "en"), name).state())
                .as("held without trust")
                .isEqualTo(State.BAD);
        certutil(database, "-M", "-n", "any name", "-t", "C,,");
        assertThat(named(StoreChecks.ofPeople(scope(ann), "en"), name).state()).isEqualTo(State.OK);
    }

    private void certutil(Path database, String... arguments) {
        List<String> command = new java.util.ArrayList<>(List.of("certutil"));
        command.addAll(List.of(arguments));
        command.addAll(List.of("-d", "sql:" + database));
        Commands.Ended ended = commands.run(command);
        assertThat(ended.ok()).as(ended.output()).isTrue();
    }

    @Test
    void foreignProxySettingIsNamedByItsFile() throws Exception {
        String file = "/etc/opt/chrome/policies/managed/zz-vendor.json";
        write(file, "{\"ProxyMode\":\"direct\"}");
        assertThat(named(browsers(), "pac:chromium"))
                .matches(c -> c.state() == State.BAD && c.says().contains("zz-vendor.json"));
        write(
                "/etc/firefox/policies/policies.json",
                "{\"policies\":{\"Proxy\":{\"Mode\":\"manual\"}}}");
        assertThat(named(browsers(), "pac:firefox"))
                .matches(c -> c.state() == State.BAD && c.says().contains("policies.json"));
        assertThat(named(browsers(), "quic").state()).isEqualTo(State.BAD);
    }

    @Test
    void quicThatAnotherFileAllowsIsNamed() throws Exception {
        write("/etc/chromium/policies/managed/other.json", "{\"QuicAllowed\":true}");
        assertThat(named(browsers(), "quic"))
                .matches(c -> c.state() == State.BAD && c.says().contains("other.json"));
    }

    @Test
    void portThatAnswersNoPacIsBad() throws Exception {
        try (var silent =
                new java.net.ServerSocket(0, 5, java.net.InetAddress.getLoopbackAddress())) {
            HostPort dead = new HostPort("127.0.0.1", silent.getLocalPort());
            Scope scope = new Scope(machine, List.of(ours), Optional.of(dead), List.of(), false);
            assertThat(named(BrowserChecks.examine(scope, "en"), "pac").state())
                    .isEqualTo(State.BAD);
            assertThat(named(ServiceChecks.examine(scope, "en"), "service"))
                    .matches(c -> c.state() == State.BAD && c.says().contains("does not answer"));
        }
        assertThat(named(ServiceChecks.examine(scope(List.of()), "de"), "service").state())
                .isEqualTo(State.OK);
    }

    @Test
    void anchorThatIsNotTheDistributionsIsAForeignInspector() throws Exception {
        X509Certificate distribution = other();
        write("/usr/share/ca-certificates/mozilla/one.crt", Pem.encode(distribution));
        UpstreamEvidence.write(root, List.of(seen(distribution)));
        assertThat(named(UpstreamChecks.examine(root, machine, "en"), "foreign-inspector").state())
                .isEqualTo(State.OK);
        X509Certificate added = other();
        write("/usr/local/share/ca-certificates/corp.crt", Pem.encode(added));
        UpstreamEvidence.write(root, List.of(seen(added), seen(distribution)));
        List<Check> found = UpstreamChecks.examine(root, machine, "en");
        assertThat(found).hasSize(1);
        assertThat(found.getFirst().state()).isEqualTo(State.NOTE);
        assertThat(found.getFirst().remedy()).contains("exempt AI services there");
        assertThat(found.getFirst().evidence())
                .contains(OrganisationRoot.fingerprint(added))
                .contains("added on this machine");
    }

    private static dev.chaperone.inspector.tls.UpstreamAnchors.Seen seen(X509Certificate anchor) {
        return new dev.chaperone.inspector.tls.UpstreamAnchors.Seen(anchor, Instant.now());
    }

    @Test
    void clockThatWentBackIsBad() throws Exception {
        Files.writeString(root.resolve("some.file"), "");
        assertThat(named(DeviceChecks.examine(root, Instant.now(), "en"), "clock").state())
                .isEqualTo(State.OK);
        assertThat(
                        named(
                                        DeviceChecks.examine(
                                                root, Instant.now().minusSeconds(86_400), "en"),
                                        "clock")
                                .state())
                .isEqualTo(State.BAD);
    }

    @Test
    void keystoreThatOthersMayExchangeIsTheirOwners() throws Exception {
        keystore(List.of());
        String name = "ca-store:java:/usr/lib/jvm/jdk-1/lib/security/cacerts";
        assertThat(named(stores(), name).state()).isEqualTo(State.BAD);
        Files.setPosixFilePermissions(
                machine.path("/usr/lib/jvm/jdk-1"), PosixFilePermissions.fromString("rwxrwxrwx"));
        Check others = named(stores(), name);
        assertThat(others.state()).isEqualTo(State.NOTE);
        assertThat(others.remedy()).contains("keytool -importcert");
        assertThat(others.evidence()).isEqualTo("/usr/lib/jvm/jdk-1/lib/security/cacerts");
        keystore(List.of(ours));
        assertThat(named(stores(), name).state()).isEqualTo(State.OK);
    }
}
