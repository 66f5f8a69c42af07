// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import static dev.chaperone.agent.doctor.WrittenFolder.named;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chaperone.agent.machine.InstalledService;
import dev.chaperone.agent.os.FileRights;
import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.model.ipc.AgentStatus.State;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What lies in a data folder may be anything: it is said, and never well that nobody looked at. */
class DamagedFolderTest {
    private static final String LINK =
            "{'device':'d','agents':'https://server.test:1','certificate':'','ca':'',"
                    + "'policyKey':'','keyName':'device-key-a'}";

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path parent;

    @SuppressWarnings("NullAway.Init") // before each
    private Path folder;

    @BeforeEach
    void make() throws Exception {
        folder = Files.createDirectory(parent.resolve("data"));
    }

    private List<Check> examined() {
        List<Check> checks = Doctor.examine(folder, "en", null);
        EvidenceTest.assertWhole(checks);
        return checks;
    }

    private void write(String file, String text) throws Exception {
        Path path = folder.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text.replace('\'', '"').replace('~', '\n'));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "server.json|{}|server|BAD|server.json is damaged|enrol again",
                "server.json|null|server|BAD|server.json is damaged|enrol again",
                "server.json|{}|chain|BAD|are damaged|chaperone enroll TOKEN",
                "ca.pem|-----BEGIN CERTIFICATE-----~AAAA~-----END CERTIFICATE-----|ca|BAD|"
                        + "no certificate that can be read|restart the agent",
                "ca.pem|\u00e4|ca|BAD|no certificate that can be read|restart the agent",
                "keys/event-store-key|x|store|BAD|or its key cannot be read|permissions of",
                "keys/event-store-key|~|store|BAD|or its key cannot be read|permissions of",
                "lifecycle.jsonl/x|x|lifecycle|BAD|changes cannot be read|permissions of",
                "lifecycle.jsonl|{}~|lifecycle|BAD|was tampered with|tell the administrator",
                "events.db/x|x|store|BAD|or its key cannot be read|permissions of",
            })
    void fileThatIsDamaged(
            String file, String text, String name, State state, String says, String remedy)
            throws Exception {
        write(file, text);
        Check check = named(examined(), name);
        assertThat(check.state()).isEqualTo(state);
        assertThat(check.says()).contains(says);
        assertThat(check.remedy()).contains(remedy);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "null", "[]", "{'policyState':'FRESH'}", "x"})
    void syncThatIsDamaged(String text) throws Exception {
        write("server.json", LINK);
        write("sync-status.json", text);
        Check server = named(examined(), "server");
        assertThat(server.state()).isEqualTo(State.NOTE);
        assertThat(server.evidence()).endsWith("is not there, or is damaged");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "{}",
                "{'asked':[]}",
                "{'keyName':'k','publicKey':'','asked':[],'received':'2026-01-01T00:00:00Z',"
                        + "'answer':{'intermediates':[],'chain':'','roots':['x'],'refused':[],"
                        + "'state':''}}",
            })
    void certificatesThatAreDamaged(String text) throws Exception {
        write("server.json", LINK);
        write("certificates/d.json", text);
        assertThat(named(examined(), "chain"))
                .matches(c -> c.state() == State.BAD && c.says().contains("damaged"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "[null]", "[{}]", "{}"})
    void anchorsThatAreDamaged(String text) throws Exception {
        write("upstream-anchors.json", text);
        assertThat(examined()).extracting(Check::name).doesNotContain("foreign-inspector");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "address=",
                "address=127.0.0.1:99999",
                "address=127.0.0.1:1\nsocket=a\\u0000b",
                "address=127.0.0.1:1\nca=a\\u0000b",
                "address=\\uzzzz",
            })
    void statusThatNoAgentWrote(String text) throws Exception {
        write("status", "pid=" + ProcessHandle.current().pid() + "\n" + text);
        Check port = named(examined(), "port");
        assertThat(port.state()).isEqualTo(State.BAD);
        assertThat(port.says()).contains("no agent runs on");
    }

    /** The system accepts connections for a process that is stopped or hangs. */
    @Test
    void agentThatHangsIsNotOneThatListens() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            String at = "127.0.0.1:" + silent.getLocalPort();
            new WrittenFolder(folder).running(at, "");
            Check port = named(Doctor.examine(folder, "en", null), "port");
            assertThat(port.state()).isEqualTo(State.BAD);
            assertThat(port.says())
                    .isEqualTo("the agent accepts on " + at + " and does not answer");
            assertThat(port.remedy()).contains("restart it");
            assertThat(port.evidence()).endsWith(": silent");
        }
    }

    @Test
    void proxiesOfAStatusThatAreNone() throws Exception {
        new WrittenFolder(folder)
                .running("127.0.0.1:1", "upstream-proxy=foo\nchained-pac=a\\u0000b");
        Check proxy = named(Doctor.examine(folder, "en", null), "upstream-proxy");
        assertThat(proxy.state()).isEqualTo(State.BAD);
        assertThat(proxy.evidence()).isEqualTo("connect foo: IllegalArgumentException");
    }

    @Test
    void whereThereIsNothingNothingIsLeft() throws Exception {
        assertThat(named(examined(), "store").state()).isEqualTo(State.OK);
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).isEmpty();
        }
        Files.delete(folder);
        Check store = named(examined(), "store");
        assertThat(store.state()).isEqualTo(State.NOTE);
        assertThat(store.remedy()).contains("chaperone run");
        assertThat(named(examined(), "disk").state()).isNotEqualTo(State.BAD);
        assertThat(folder).doesNotExist();
    }

    @Test
    void fileInPlaceOfTheFolder() throws Exception {
        Files.delete(folder);
        Files.writeString(folder, "");
        List<Check> checks = examined();
        assertThat(checks).hasSize(1);
        assertThat(checks.getFirst().state()).isEqualTo(State.BAD);
        assertThat(checks.getFirst().says()).contains("is no folder");
        assertThat(checks.getFirst().remedy()).contains("--data-dir");
    }

    /** Without its key nothing is known of what passed: that is not well. */
    @Test
    void storeOfAnotherKey() throws Exception {
        new WrittenFolder(folder).recorded(Instant.now());
        assertThat(named(examined(), "store").says()).isEqualTo("1 events");
        Path key = folder.resolve("keys/event-store-key");
        Files.write(key, new byte[32]);
        assertSealed();
        Files.delete(key);
        assertSealed();
        assertThat(key).doesNotExist();
    }

    private void assertSealed() {
        List<Check> checks = examined();
        Check store = named(checks, "store");
        assertThat(store.state()).isEqualTo(State.BAD);
        assertThat(store.says()).contains("its key is missing or another one");
        assertThat(store.remedy()).contains("put the folder keys of " + folder);
        assertThat(checks).extracting(Check::name).doesNotContain("not-inspected");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "keys"})
    void folderThatThisAccountMayNotLookInto(String which) throws Exception {
        Path shut = Files.createDirectories(folder.resolve(which));
        Files.setPosixFilePermissions(
                shut, PosixFilePermissions.fromString(isRoot() ? "rwx------" : "---------"));
        Files.setPosixFilePermissions(parent, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThat(named(Doctor.examine(parent, "en", null), "store").state())
                .isEqualTo(State.OK); // loads what is to be loaded
        List<Check> checks;
        if (isRoot()) {
            try (FileRights _ = FileRights.of(65_534, 65_534)) {
                checks = Doctor.examine(folder, "en", null);
            }
        } else {
            checks = Doctor.examine(folder, "en", null);
        }
        Files.setPosixFilePermissions(shut, PosixFilePermissions.fromString("rwx------"));
        EvidenceTest.assertWhole(checks);
        assertThat(checks).extracting(Check::name).containsExactly("data-folder");
        assertThat(checks.getFirst().state()).isEqualTo(State.BAD);
        assertThat(checks.getFirst().says()).contains("cannot look into " + shut);
        assertThat(checks.getFirst().remedy()).contains("as root or as the account");
    }

    private static boolean isRoot() {
        return InstalledService.isRoot();
    }

    @Test
    void folderOfAnotherAccountThatIsOpenToAll() {
        assumeFalse(isRoot(), "root works with the owner's rights");
        Path other = Path.of("/usr/share");
        assumeTrue(!Files.isWritable(other), "a folder that is not ours");
        Check store = named(Doctor.examine(other, "en", null), "store");
        assertThat(store.state()).isEqualTo(State.NOTE);
        assertThat(store.says()).contains("another account's");
        assertThat(store.remedy()).contains("as root or as the account");
    }
}
