// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chaperone.model.sync.EnrolmentToken;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code admin mdm-kit} against a real server. */
class MdmKitCommandTest {
    @TempDir Path folder;
    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(folder.resolve("data"));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private CommandResult kit(Path output, String... more) {
        List<String> all =
                Stream.concat(
                                Stream.of(
                                        "admin",
                                        "mdm-kit",
                                        "--output",
                                        output.toString(),
                                        "--data-dir",
                                        folder.resolve("data").toString()),
                                Arrays.stream(more))
                        .toList();
        return CommandResult.of(all.toArray(String[]::new));
    }

    private static EnrolmentToken token(Path kit) throws Exception {
        Matcher m =
                Pattern.compile("ENROLLMENT_TOKEN=(\\S+)")
                        .matcher(Files.readString(kit.resolve("windows/install.txt")));
        assertThat(m.find()).isTrue();
        return EnrolmentToken.parse(m.group(1));
    }

    private long tokensMade() throws Exception {
        return server.json("/api/v1/audit")
                .get("entries")
                .valueStream()
                .filter(e -> e.get("action").asString().equals("change tokens"))
                .count();
    }

    @Test
    void kitsTokenLetsAComputerOfTheGroupIn() throws Exception {
        Path kit = folder.resolve("kit");
        CommandResult made = kit(kit, "--group", "R&D", "--uses", "2", "--ttl", "2d");
        assertThat(made.err()).isEmpty();
        assertThat(made.status()).isZero();
        assertThat(made.out())
                .contains("28 files".replace("28", String.valueOf(count(kit))))
                .contains("\n  windows/install.ps1\n")
                .doesNotContain("chp1.");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kit)))
                .isEqualTo("rwx------");
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(kit.resolve("windows/install.txt"))))
                .isEqualTo("rw-------");
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(kit.resolve("linux/install.sh"))))
                .isEqualTo("rwx------");
        assertThat(Files.readString(kit.resolve("README.md")))
                .contains("up to 2 computers may join within 48 hours");
        for (int i = 0; i < 2; i++) {
            try (TestDevice device = TestDevice.enrol(token(kit))) {
                assertThat(device.answer.group()).isEqualTo("R&D");
            }
        }
        String root = server.json("/api/v1/roots").at("/roots/0/certificate").asString();
        assertThat(Files.readString(kit.resolve("root.pem"))).isEqualTo(root);
    }

    private static long count(Path kit) throws Exception {
        try (Stream<Path> all = Files.walk(kit)) {
            return all.filter(Files::isRegularFile).count();
        }
    }

    @Test
    void addressThatDevicesReachGoesIntoTheToken() throws Exception {
        Path kit = folder.resolve("kit");
        assertThat(
                        kit(
                                        kit,
                                        "--server-url",
                                        "https://chaperone.example:9443/",
                                        "--platform",
                                        "windows")
                                .status())
                .isZero();
        assertThat(token(kit).server()).hasToString("https://chaperone.example:9443");
        assertThat(kit.resolve("linux")).doesNotExist();
    }

    @Test
    void rootThatComesNextIsShippedBesideTheCurrentOne() throws Exception {
        assertThat(server.post("/api/v1/roots/roll", "{}").statusCode()).isEqualTo(201);
        Path kit = folder.resolve("kit");
        assertThat(kit(kit).status()).isZero();
        assertThat(kit.resolve("root-2.cer")).exists();
        assertThat(
                        CommandResult.of(
                                        "admin",
                                        "root",
                                        "export",
                                        "--der",
                                        folder.resolve("current").toString(),
                                        "--data-dir",
                                        folder.resolve("data").toString())
                                .status())
                .isZero();
        assertThat(kit.resolve("root.cer")).hasSameBinaryContentAs(folder.resolve("current"));
    }

    @Test
    void folderThatIsThereStaysAndNoTokenIsMade() throws Exception {
        Path kit = Files.createDirectory(folder.resolve("kit"));
        Files.writeString(kit.resolve("mine"), "mine");
        long before = tokensMade();
        assertOneLine(kit(kit), 2, "no empty folder");
        assertThat(kit).isDirectoryContaining(p -> p.endsWith("mine"));
        assertThat(count(kit)).isOne();
        assertOneLine(kit(kit.resolve("mine")), 2, "no empty folder");
        assertThat(tokensMade()).isEqualTo(before);
        assertThat(kit(Files.createDirectory(folder.resolve("empty"))).status()).isZero();
    }

    @Test
    void nothingIsLeftOfAKitThatFails() throws Exception {
        Path parent = Files.createDirectory(folder.resolve("parent"));
        long before = tokensMade();
        assertOneLine(kit(parent.resolve("none/kit")), 3, "cannot be written");
        assertOneLine(kit(parent.resolve("kit"), "--group", "<script>"), 2, "a group is");
        assertOneLine(kit(parent.resolve("kit"), "--uses", "0"), 2, "uses are");
        assertOneLine(
                kit(parent.resolve("kit"), "--server-url", "http://chaperone.example"),
                2,
                "--server-url is https://");
        assertOneLine(
                kit(parent.resolve("kit"), "--server-url", "https://a.example/x?y"),
                2,
                "--server-url is https://");
        assertOneLine(
                kit(parent.resolve("kit"), "--pac-url", "file:///etc/passwd"),
                2,
                "--pac-url is http://");
        assertOneLine(kit(parent.resolve("kit"), "--pac-url", "not a url"), 2, "--pac-url");
        assertOneLine(kit(parent.resolve("kit"), "--platform", "beos"), 2, "--platform");
        assertThat(CommandResult.of("admin", "mdm-kit").status()).isEqualTo(2);
        assertThat(tokensMade()).isEqualTo(before);
        server.close();
        assertOneLine(kit(parent.resolve("kit")), 3, "no server answers");
        assertOneLine(
                CommandResult.of(
                        "admin",
                        "mdm-kit",
                        "--output",
                        parent.resolve("kit").toString(),
                        "--data-dir",
                        folder.resolve("x").toString()),
                3,
                "cannot be read");
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void folderThatNobodyMayWriteIsStatusThree() throws Exception {
        Path closed = Files.createDirectory(folder.resolve("closed"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-xr-xr-x"));
        assumeTrue(!Files.isWritable(closed), "root writes everywhere");
        assertOneLine(kit(closed.resolve("kit")), 3, "cannot be written");
    }

    private static void assertOneLine(CommandResult result, int status, String words) {
        assertThat(result.err()).hasLineCount(1).startsWith("chaperone: ").contains(words);
        assertThat(result.out()).isEmpty();
        assertThat(result.status()).isEqualTo(status);
    }
}
