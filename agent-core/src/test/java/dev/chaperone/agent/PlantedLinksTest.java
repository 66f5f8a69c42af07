// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chaperone.agent.lifecycle.LifecycleLog;
import dev.chaperone.agent.machine.InstalledService;
import dev.chaperone.agent.os.FileKeyVault;
import dev.chaperone.agent.os.FileRights;
import dev.chaperone.agent.os.KeyVault;
import dev.chaperone.agent.store.EventReader;
import dev.chaperone.agent.store.EventStore;
import dev.chaperone.model.sync.EnrolmentToken;
import dev.chaperone.pki.DeviceRoot;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What root's commands do in the folder of an account that was taken over: nothing that the account
 * could not do itself. Needs root and the right to act as another identity.
 */
@Timeout(120) // an agent that is not refused goes on for ever
class PlantedLinksTest {
    /** Nobody's on any machine. */
    private static final int ACCOUNT = 61_001;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path scratch;

    @SuppressWarnings("NullAway.Init") // set before each
    private Path data;

    /** A file of root's that the account cannot reach; as /etc/shadow. */
    @SuppressWarnings("NullAway.Init") // set before each
    private Path roots;

    private record Ended(int status, List<String> out, List<String> err) {}

    @BeforeEach
    void folderOfAnotherAccount() throws Exception {
        assumeTrue(InstalledService.isRoot(), "only root can be led astray");
        assumeTrue(
                accountReads(
                                OwnerRights.class
                                        .getProtectionDomain()
                                        .getCodeSource()
                                        .getLocation()
                                        .toURI())
                        && accountReads(URI.create("file:" + System.getProperty("java.home"))),
                "no other identity can be taken here, or it does not reach these classes");
        Files.setPosixFilePermissions(scratch, PosixFilePermissions.fromString("rwx--x--x"));
        data = Files.createDirectory(scratch.resolve("data"));
        roots = Files.writeString(scratch.resolve("shadow"), "root's\n");
        Files.setPosixFilePermissions(roots, PosixFilePermissions.fromString("rw-r-----"));
    }

    private static boolean accountReads(URI file) throws Exception {
        return new ProcessBuilder(
                                "setpriv",
                                "--reuid=" + ACCOUNT,
                                "--regid=" + ACCOUNT,
                                "--clear-groups",
                                "test",
                                "-r",
                                file.getPath())
                        .start()
                        .waitFor()
                == 0;
    }

    /** As a service leaves it: a root with its key, all of the account. */
    private void fill() throws Exception {
        try (DataFolder folder = DataFolder.open(data)) {
            DeviceRoot ignored = folder.root(Instant.now());
        }
        give();
    }

    private void give() throws IOException {
        try (Stream<Path> all = Files.walk(data)) {
            for (Path file : all.toList()) {
                own(file, ACCOUNT);
            }
        }
    }

    private static void own(Path file, int uid) throws IOException {
        Path ignored = Files.setAttribute(file, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
        ignored = Files.setAttribute(file, "unix:gid", uid, LinkOption.NOFOLLOW_LINKS);
    }

    private Ended chaperone(String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of("--data-dir", data.toString()));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream outBefore = System.out;
        PrintStream errBefore = System.err;
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        try {
            int status = AgentMain.run(all.toArray(String[]::new));
            return new Ended(
                    status,
                    out.toString(StandardCharsets.UTF_8).lines().toList(),
                    err.toString(StandardCharsets.UTF_8).lines().toList());
        } finally {
            System.setOut(outBefore);
            System.setErr(errBefore);
        }
    }

    private static String seen(Path file) throws IOException {
        return Files.readAttributes(file, "unix:uid,gid,mode,ctime", LinkOption.NOFOLLOW_LINKS)
                + (Files.isRegularFile(file) ? Arrays.toString(Files.readAllBytes(file)) : "");
    }

    @ParameterizedTest
    @CsvSource({
        "ca.pem.new, ca status",
        "ca.pem, ca status",
        "device-root.pem.new, ca make",
        "keys, ca status",
        "keys/device-root-key, ca status",
        "keys/device-root-key, doctor",
        "keys, doctor",
        "keys/event-store-key, events",
        "events.db, events",
        "events.db-wal, events",
        "events.db, ledger",
        "restore, ledger --forget",
        "lifecycle.lock, events --lifecycle --accept-break",
        "lifecycle.jsonl, events --lifecycle --accept-break",
        "lifecycle.jsonl.new, events --lifecycle --accept-break",
        "server.json.new, enroll TOKEN",
        "certificates, enroll TOKEN",
        "bundles, ledger",
    })
    void linkIsRefusedAndWhatItNamesStaysAsItIs(String place, String command) throws Exception {
        if (!place.startsWith("device-root")) {
            fill(); // else the root is yet to be made
        }
        Path link = data.resolve(place);
        Files.createDirectories(link.resolveSibling("x").getParent());
        if (Files.isDirectory(link)) {
            Files.move(link, data.resolve("away"));
        } else {
            Files.deleteIfExists(link);
        }
        boolean folder = !place.contains(".") && !place.contains("/");
        Path target = folder ? Files.createDirectory(scratch.resolve("etc")) : roots;
        if (folder) {
            Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        Files.createSymbolicLink(link, target);
        give();
        String before = seen(target);

        Ended ended = chaperone(command.replace("TOKEN", token()).split(" "));

        assertThat(seen(target)).isEqualTo(before);
        try (Stream<Path> inside = Files.list(scratch.resolve(folder ? "etc" : "."))) {
            assertThat(inside.count()).isEqualTo(folder ? 0 : 2);
        }
        if (command.equals("doctor")) {
            assertThat(ended.status()).isEqualTo(1);
            assertThat(ended.out())
                    .singleElement()
                    .asString()
                    .startsWith("BAD ")
                    .contains(link + " is a link");
        } else {
            assertThat(ended.status()).isEqualTo(3);
            assertThat(ended.out()).isEmpty();
            assertThat(ended.err())
                    .singleElement()
                    .asString()
                    .startsWith("chaperone: ")
                    .contains(link + " is a link");
        }
    }

    private static String token() {
        return new EnrolmentToken(URI.create("https://127.0.0.1:1"), "0".repeat(64), "x".repeat(43))
                .text();
    }

    @Test
    void secondNameOfAFileOfRootsIsRefusedAndStaysRoots() throws Exception {
        fill();
        Path link = Files.createLink(data.resolve("notes"), roots);
        String before = seen(roots);

        Ended ended = chaperone("events", "--lifecycle", "--accept-break");

        assertThat(seen(roots)).isEqualTo(before);
        assertThat(ended.status()).isEqualTo(3);
        assertThat(ended.err()).singleElement().asString().contains(link.toString(), "'root'");
    }

    /** The account may plant it after it was looked for: its rights are all that is left then. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ca.pem",
                "ca.pem.new",
                "device-root.pem",
                "keys/device-root-key",
                "keys/lifecycle-head",
                "keys/lifecycle-head.new",
                "lifecycle.lock",
                "lifecycle.jsonl",
                "lifecycle.jsonl.new",
                "events.db",
                "events.db-wal",
                "events.db-shm",
            })
    void linkThatIsPlantedLaterLeadsNowhere(String place) throws Exception {
        fill();
        Files.setPosixFilePermissions(roots, PosixFilePermissions.fromString("rw-rw----"));
        String before = seen(roots);
        try (OwnerRights _ = OwnerRights.in(data)) {
            Files.deleteIfExists(data.resolve(place));
            Files.createSymbolicLink(data.resolve(place), roots);
            InstantSource longAgo = () -> Instant.now().minus(Duration.ofDays(200));
            tried(() -> new LifecycleLog(data, vault(), longAgo).append("start", "", "uid 0"));
            tried(() -> new LifecycleLog(data, vault(), Instant::now).append("stop", "", "uid 0"));
            tried(() -> DataFolder.open(data).root(Instant.now()));
            tried(() -> new EventStore(data, vault()).close());
            tried(() -> new EventReader(data, vault()).count());
        }
        assertThat(seen(roots)).isEqualTo(before);
        try (Stream<Path> beside = Files.list(scratch)) {
            assertThat(beside).containsExactlyInAnyOrder(data, roots);
        }
    }

    private KeyVault vault() throws IOException {
        return new FileKeyVault(data.resolve("keys"));
    }

    private interface Work {
        void run() throws Exception;
    }

    private static void tried(Work work) {
        try {
            work.run();
        } catch (Exception e) {
            // Refused by the kernel: as it should be.
        }
    }

    @Test
    void rightsAreOfOneThreadAndComeBack() throws Exception {
        fill();
        long here;
        long elsewhere;
        ExecutorService other = Executors.newSingleThreadExecutor();
        try {
            assertThat(other.submit(FileRights::ids).get()).isPresent(); // its thread is there
            try (OwnerRights _ = OwnerRights.in(data)) {
                here = FileRights.ids().orElseThrow().files();
                elsewhere = other.submit(FileRights::ids).get().orElseThrow().files();
                assertThatIOException().isThrownBy(() -> Files.readAllBytes(roots));
            }
        } finally {
            other.shutdown();
        }
        assertThat(here).isEqualTo(ACCOUNT);
        assertThat(elsewhere).isZero();
        assertThat(FileRights.ids()).contains(new FileRights.Ids(0, 0));
        assertThat(Files.readAllBytes(roots)).isNotEmpty();
    }

    @Test
    void pipeIsRefusedAndNotWaitedFor() throws Exception {
        fill();
        Files.delete(data.resolve("ca.pem"));
        assertThat(new ProcessBuilder("mkfifo", data + "/ca.pem").start().waitFor()).isZero();
        give();
        Ended ended = chaperone("ca", "status");
        assertThat(ended.status()).isEqualTo(3);
        assertThat(ended.err()).singleElement().asString().contains("neither a file nor a folder");
    }

    @Test
    void nameOfAPlantedLinkSteersNoTerminal() throws Exception {
        fill();
        Files.createSymbolicLink(data.resolve("a\n\u001b[2Jb"), roots);
        assertThat(chaperone("ca", "status").err())
                .singleElement()
                .asString()
                .contains("[2Jb is a link")
                .doesNotContain("\u001b");
    }

    @Test
    void rootRunsNoAgentInTheFolderOfAnother() throws Exception {
        fill();
        Ended ended = chaperone("run", "--no-ui", "--listen", "127.0.0.1:0");
        assertThat(ended.status()).isEqualTo(3);
        assertThat(ended.err())
                .singleElement()
                .asString()
                .contains("data folder " + data + " belongs to '" + ACCOUNT + "'", "--data-dir");
    }

    @Test
    void whatRootMakesBelongsToTheAccount() throws Exception {
        give();
        assertThat(chaperone("ca", "make").status()).isZero();
        assertThat(chaperone("events").status()).isZero();
        assertThat(chaperone("events", "--lifecycle", "--accept-break").status()).isZero();
        Ended ignored = chaperone("doctor");
        try (Stream<Path> all = Files.walk(data)) {
            for (Path file : all.toList()) {
                assertThat(Files.getAttribute(file, "unix:uid"))
                        .as(file.toString())
                        .isEqualTo(ACCOUNT);
            }
        }
    }

    /** As on a file system of its own: {@code lost+found}. */
    @Test
    void folderOfRootsIsLeftAlone() throws Exception {
        fill();
        Path found = Files.createDirectory(data.resolve("lost+found"));
        Files.setPosixFilePermissions(found, PosixFilePermissions.fromString("rwx------"));
        own(found, 0);
        assertThat(chaperone("ca", "status").status()).isZero();
    }

    @Test
    void folderThatItsOwnerCannotReadIsSaid() throws Exception {
        fill();
        Path keys = data.resolve("keys");
        Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("---------"));
        Ended ended = chaperone("ca", "status");
        assertThat(ended.status()).isEqualTo(3);
        assertThat(ended.err()).singleElement().asString().contains("cannot be looked through");
    }
}
