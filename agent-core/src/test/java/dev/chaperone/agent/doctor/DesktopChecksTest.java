// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.agent.Agent;
import dev.chaperone.agent.config.AgentConfig.HostPort;
import dev.chaperone.agent.doctor.MachineChecks.Scope;
import dev.chaperone.installer.Commands;
import dev.chaperone.installer.Machine;
import dev.chaperone.installer.UserAccount;
import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.model.ipc.AgentStatus.State;
import dev.chaperone.pki.DeviceRoot;
import dev.chaperone.pki.Pem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real agent, and what the programs of Windows and macOS print. Authored after their
 * documentation (Microsoft: "sc query", "certutil", "reg query"; Apple: launchctl(1), security(1),
 * scutil(8), plutil(1)) and outputs that people published; not recorded on a machine of ours.
 */
class DesktopChecksTest {
    private static final String SC =
            "\r\nSERVICE_NAME: ChaperoneService \r\n        TYPE               : 10  WIN32_OWN_PROCESS"
                    + "  \r\n        STATE              : 4  RUNNING \r\n                           "
                    + "     (STOPPABLE, NOT_PAUSABLE, ACCEPTS_SHUTDOWN)\r\n        WIN32_EXIT_CODE"
                    + "    : 0  (0x0)\r\n";
    private static final String CHROME = "reg.exe query HKLM\\Software\\Policies\\Google\\Chrome";
    private static final String EDGE = "reg.exe query HKLM\\Software\\Policies\\Microsoft\\Edge";
    private static final String FIREFOX =
            "reg.exe query HKLM\\Software\\Policies\\Mozilla\\Firefox\\";
    private static final String MANAGED = "/Library/Managed Preferences/";

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private static Path data;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path root;

    @SuppressWarnings("NullAway.Init") // before all
    private static Agent agent;

    private final X509Certificate ours = DeviceRoot.create("Test", Instant.now()).certificate();
    private final Map<String, Commands.Ended> printed = new LinkedHashMap<>();

    @BeforeAll
    static void start() throws Exception {
        agent = AnyAgent.start(data);
    }

    @AfterAll
    static void stop() {
        agent.close();
    }

    private static String url() {
        return "http://" + HostPort.of(agent.address()) + "/proxy.pac";
    }

    /** Prints what a test recorded for the command's beginning; everything else is missing. */
    private final class Recorded implements Commands {
        @Override
        public Ended run(List<String> command) {
            String whole = String.join(" ", command);
            return printed.entrySet().stream()
                    .filter(e -> whole.startsWith(e.getKey()))
                    .map(Map.Entry::getValue)
                    .findFirst()
                    .orElse(new Ended(NOT_FOUND, command.getFirst() + " is not installed"));
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

    private Scope scope() {
        return new Scope(
                new Machine(root, new Recorded()),
                List.of(ours),
                Optional.of(HostPort.of(agent.address())),
                List.of(),
                false);
    }

    private void prints(String command, int status, String output) {
        printed.put(command, new Commands.Ended(status, output));
    }

    private static String key(String name, String... lines) {
        return "\r\nHKEY_LOCAL_MACHINE\\" + name + "\r\n" + String.join("\r\n", lines) + "\r\n\r\n";
    }

    private static String value(String name, String type, String data) {
        return "    " + name + "    " + type + "    " + data;
    }

    private static String settings(String pac) {
        return "{\"ProxyMode\":\"pac_script\",\"ProxyPacUrl\":\"" + pac + "\"}";
    }

    private void chromium(String command, String pac, String quic) {
        prints(
                command,
                0,
                key(
                        "x",
                        value("ProxySettings", "REG_SZ", settings(pac)),
                        value("QuicAllowed", "REG_DWORD", quic)));
    }

    @BeforeEach
    void wellSetUp() throws Exception {
        String sha1 =
                HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-1").digest(ours.getEncoded()));
        prints("sc.exe query ChaperoneService", 0, SC);
        prints(
                "certutil.exe -store Root " + sha1,
                0,
                "Root \"Trusted Root Certification Authorities\"\r\n================ Certificate 0"
                        + " ================\r\nCert Hash(sha1): "
                        + sha1
                        + "\r\nCertUtil: -store command completed successfully.\r\n");
        prints("certutil.exe -store Disallowed", 0x80092004, "");
        chromium(CHROME, url(), "0x0");
        chromium(EDGE, url(), "0x0");
        prints(
                FIREFOX + "Proxy",
                0,
                key(
                        "x",
                        value("AutoConfigURL", "REG_SZ", url()),
                        value("Mode", "REG_SZ", "autoConfig")));
        prints(
                FIREFOX + "Certificates",
                0,
                key("x", value("ImportEnterpriseRoots", "REG_DWORD", "0x1")));

        prints(
                "launchctl print system/dev.chaperone.agent",
                0,
                "system/dev.chaperone.agent = {\n\tactive count = 1\n\tstate = running\n\n\truns ="
                        + " 1\n\tpid = 913\n\tlast exit code = (never exited)\n\tendpoints ="
                        + " {\n\t\tstate = active\n\t}\n}\n");
        prints("security find-certificate -a -c", 0, Pem.encode(ours));
        prints("security verify-cert", 0, "...certificate verification successful.\n");
        prints("scutil --proxy", 0, scutil(url()));
        plist(
                "com.google.Chrome",
                "{\"ProxySettings\":" + settings(url()) + ",\"QuicAllowed\":false}");
        plist(
                "com.microsoft.Edge",
                "{\"ProxySettings\":" + settings(url()) + ",\"QuicAllowed\":false}");
        plist(
                "org.mozilla.firefox",
                "{\"EnterprisePoliciesEnabled\":true,\"Certificates\":{\"ImportEnterpriseRoots\":"
                        + "true},\"Proxy\":{\"Mode\":\"autoConfig\",\"AutoConfigURL\":\""
                        + url()
                        + "\"}}");
    }

    private static String scutil(String pac) {
        return "<dictionary> {\n  ExceptionsList : <array> {\n    0 : *.local\n    1 : 169.254/16\n"
                + "  }\n  FTPPassive : 1\n  ProxyAutoConfigEnable : 1\n  ProxyAutoConfigURLString : "
                + pac
                + "\n}\n";
    }

    private void plist(String domain, String json) throws Exception {
        Path file = root.resolve((MANAGED + domain + ".plist").substring(1));
        Files.createDirectories(file.getParent());
        Files.writeString(file, "bplist00"); // plutil reads it
        prints("plutil -convert json -o - " + file, 0, json);
    }

    private List<Check> windows() {
        return WindowsChecks.examine(scope(), "en");
    }

    private List<Check> mac() {
        return MacChecks.examine(scope(), "de");
    }

    private static Check named(List<Check> checks, String name) {
        return checks.stream().filter(c -> c.name().equals(name)).findFirst().orElseThrow();
    }

    private static List<String> bad(List<Check> checks) {
        return checks.stream().filter(c -> c.state() == State.BAD).map(Check::name).toList();
    }

    @Test
    void windowsAsTheMsiSetItUpHoldsAndSaysWhatItCannotTell() {
        assertThat(bad(windows())).isEmpty();
        assertThat(windows())
                .filteredOn(c -> c.state() == State.NOTE)
                .extracting(Check::name)
                .containsExactly("ca-store:others", "pac:windows");
    }

    @Test
    void macAsThePkgAndProfilesSetItUpHoldsAndSaysWhatItCannotTell() {
        assertThat(bad(mac())).isEmpty();
        assertThat(mac())
                .filteredOn(c -> c.state() == State.NOTE)
                .extracting(Check::name)
                .containsExactly("ca-store:others");
        seen(mac());
    }

    /** Each but what is never looked at says by what it was seen. */
    private static void seen(List<Check> checks) {
        EvidenceTest.assertWhole(checks.stream().filter(c -> c.evidence() != null).toList());
        assertThat(checks)
                .filteredOn(c -> c.evidence() == null)
                .extracting(Check::name)
                .isSubsetOf("ca-store:others", "pac:windows");
    }

    @Test
    void whatNoProgramTellsIsANoteAndNeverWell() {
        printed.clear();
        for (List<Check> checks : List.of(windows(), mac())) {
            seen(checks);
            assertThat(checks)
                    .filteredOn(c -> !c.name().equals("pac")) // asked of the agent itself
                    .isNotEmpty()
                    .allSatisfy(c -> {
                        assertThat(c.state()).isEqualTo(State.NOTE);
                        assertThat(c.remedy()).isNotEmpty();
                    });
        }
    }

    @Test
    void windowsNamesEachThingThatIsUndone() {
        prints("sc.exe query ChaperoneService", 0, SC.replace("4  RUNNING", "1  STOPPED"));
        printed.keySet().removeIf(c -> c.startsWith("certutil.exe -store Root"));
        prints(
                "certutil.exe -store Root",
                0x80092004,
                "CertUtil: -store command FAILED: 0x80092004 (-2146885628 CRYPT_E_NOT_FOUND)\r\n");
        chromium(CHROME, "http://proxy.example/proxy.pac", "0x0");
        prints(EDGE, 1, "ERROR: The system was unable to find the specified registry key.\r\n");
        prints(FIREFOX + "Certificates", 1, "");
        assertThat(bad(windows()))
                .containsExactlyInAnyOrder(
                        "service",
                        "ca-store:system",
                        "ca-store:firefox-policy",
                        "pac:chrome",
                        "pac:edge",
                        "quic:edge");
        assertThat(windows())
                .filteredOn(c -> c.state() == State.BAD)
                .allSatisfy(c -> {
                    assertThat(c.remedy()).isNotEmpty();
                    assertThat(c.evidence()).isNotEmpty();
                });
    }

    @Test
    void germanWindowsIsReadTheSame() {
        prints("sc.exe query ChaperoneService", 0, SC.replace("STATE ", "STATUS"));
        assertThat(named(windows(), "service").state()).isEqualTo(State.OK);
    }

    @Test
    void certutilThatSaysNothingTellsNothing() {
        prints("certutil.exe -store Disallowed", 0, "");
        assertThat(named(windows(), "ca-store:system").state()).isEqualTo(State.NOTE);
        printed.replaceAll((c, e) -> c.startsWith("certutil.exe") ? new Commands.Ended(0, "") : e);
        assertThat(named(windows(), "ca-store:system").state()).isEqualTo(State.NOTE);
    }

    @Test
    void rootThatAnAdministratorDistrustsIsNotTrusted() {
        Commands.Ended held =
                printed.entrySet().stream()
                        .filter(e -> e.getKey().startsWith("certutil.exe -store Root"))
                        .findFirst()
                        .orElseThrow()
                        .getValue();
        prints("certutil.exe -store Disallowed", 0, held.output());
        assertThat(bad(windows())).containsExactly("ca-store:system");
        prints("security verify-cert", 1, "Cert Verify Result: CSSMERR_TP_NOT_TRUSTED\n");
        assertThat(bad(mac())).containsExactly("ca-store:system");
    }

    @Test
    void macNamesEachThingThatIsUndone() throws Exception {
        prints(
                "launchctl print system/dev.chaperone.agent",
                113,
                "Could not find service \"dev.chaperone.agent\" in domain for system\n");
        X509Certificate sameName = DeviceRoot.create("Test", Instant.now()).certificate();
        prints("security find-certificate -a -c", 0, Pem.encode(sameName));
        prints("scutil --proxy", 0, "<dictionary> {\n  FTPPassive : 1\n}\n");
        plist("com.google.Chrome", "{\"ProxySettings\":{\"ProxyMode\":\"direct\"}}");
        Files.delete(root.resolve((MANAGED + "com.microsoft.Edge.plist").substring(1)));
        assertThat(bad(mac()))
                .containsExactlyInAnyOrder(
                        "service", "ca-store:system", "pac:system", "pac:chrome", "pac:edge");
        assertThat(named(mac(), "quic:chrome").state()).isEqualTo(State.NOTE);
        seen(mac());
    }

    @Test
    void browserWithoutAPolicyGoesByTheMacsOwnSetting() throws Exception {
        Files.delete(root.resolve((MANAGED + "com.google.Chrome.plist").substring(1)));
        assertThat(named(mac(), "pac:chrome").state()).isEqualTo(State.OK);
        prints("scutil --proxy", 0, scutil("http://proxy.example/p.pac"));
        assertThat(named(mac(), "pac:chrome").state()).isEqualTo(State.BAD);
        assertThat(named(mac(), "pac:edge").state()).isEqualTo(State.OK);
    }
}
