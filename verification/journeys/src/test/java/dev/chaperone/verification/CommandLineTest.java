// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chaperone.agent.AgentMain;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Exit statuses and the one clear line on standard error, as a shell sees them. */
class CommandLineTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private AgentProcess.Result run(String... more) throws Exception {
        List<String> arguments =
                new ArrayList<>(List.of("run", "--data-dir", folder.resolve("data").toString()));
        arguments.addAll(List.of(more));
        return AgentProcess.run(folder, arguments.toArray(String[]::new));
    }

    private void assertOneLine(AgentProcess.Result result, int status, String... words) {
        assertThat(result.err()).doesNotContain("Exception", "\tat ");
        assertThat(result.errLines())
                .singleElement()
                .asString()
                .startsWith("chaperone: ")
                .contains(words);
        assertThat(result.out()).isEmpty();
        assertThat(result.status()).isEqualTo(status);
    }

    @Test
    void portThatIsTakenIsStatusThree() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String at = "127.0.0.1:" + taken.getLocalPort();
            assertOneLine(run("--listen", at), 3, "cannot listen on " + at, "--listen");
        }
    }

    @Test
    void secondInstanceIsStatusThree() throws Exception {
        try (AgentProcess first =
                AgentProcess.start(
                        folder,
                        List.of(),
                        List.of(),
                        "run",
                        "--listen=127.0.0.1:0",
                        "--data-dir=" + folder.resolve("data"))) {
            first.readyPort();
            assertOneLine(run("--listen", "127.0.0.1:0"), 3, "another agent runs");
            assertThat(first.stop()).isZero();
        }
    }

    @Test
    void libraryThatCannotBeUnpackedIsStatusThree() throws Exception {
        Path none = folder.resolve("none");
        try (AgentProcess agent =
                AgentProcess.start(
                        folder,
                        List.of("-Djava.io.tmpdir=" + none),
                        List.of(),
                        "run",
                        "--listen=127.0.0.1:0",
                        "--data-dir=" + folder.resolve("data"))) {
            AgentProcess.Result result = agent.await();
            assertThat(result.errLines())
                    .filteredOn(line -> !line.startsWith("WARNING: java.io.tmpdir"))
                    .singleElement()
                    .asString()
                    .contains(none.toString(), "nothing can be written there", "-Djava.io.tmpdir=");
            assertThat(result.status()).isEqualTo(3);
        }
    }

    @Test
    void libraryThatMayNotRunWhereItIsUnpackedIsStatusThree() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root, to mount");
        Path noexec = Files.createDirectory(folder.resolve("noexec"));
        try (AgentProcess agent =
                AgentProcess.start(
                        folder,
                        AgentMain.class.getName(),
                        List.of(
                                "unshare",
                                "--mount",
                                "sh",
                                "-c",
                                "mount -t tmpfs -o noexec none \"$0\" && exec \"$@\"",
                                noexec.toString()),
                        List.of("-Djava.io.tmpdir=" + noexec),
                        List.of(),
                        "run",
                        "--listen=127.0.0.1:0",
                        "--data-dir=" + folder.resolve("data"))) {
            assertOneLine(agent.await(), 3, noexec.toString(), "noexec", "-Djava.io.tmpdir=");
        }
    }

    @Test
    void hangUpTakesThePolicyAnewAndABadOneChangesNothing() throws Exception {
        Path policy = folder.resolve("policy.yaml");
        Path shipped = Path.of("../../policies");
        Files.copy(shipped.resolve("baseline.yaml"), policy);
        try (AgentProcess agent =
                AgentProcess.start(
                        folder,
                        List.of(),
                        List.of(),
                        "run",
                        "--listen=127.0.0.1:0",
                        "--policy=" + policy,
                        "--data-dir=" + folder.resolve("data"))) {
            agent.readyPort();
            Files.copy(shipped.resolve("strict.yaml"), policy, StandardCopyOption.REPLACE_EXISTING);
            agent.hangUp();
            agent.awaitError("policy in force: strict@");
            Files.writeString(policy, "version: 1\nnam: x\n");
            agent.hangUp();
            agent.awaitError("not reloaded, nothing changed");
            assertThat(Files.readString(agent.errFile())).contains("policy.yaml:2", "'nam'");
            assertThat(agent.stop()).isZero();
        }
    }

    @Test
    void dataFolderThatCannotBeWrittenIsStatusThree() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertOneLine(
                AgentProcess.run(folder, "run", "--data-dir", file.resolve("x").toString()),
                3,
                "cannot be made or written",
                "--data-dir");
    }

    @ParameterizedTest
    @CsvSource({
        "--lisen=x,--lisen",
        "--listen=8421,HOST:PORT",
        "--listen=0.0.0.0:0,--allow-remote"
    })
    void wrongOptionIsStatusTwo(String option, String named) throws Exception {
        assertOneLine(run(option), 2, named);
    }

    @Test
    void whatBeginsWithAtReachesTheCommandOfExec() throws Exception {
        Path file = Files.writeString(folder.resolve("q.json"), "two words");
        AgentProcess.Result result =
                AgentProcess.run(
                        folder,
                        "exec",
                        "--listen=127.0.0.1:0",
                        "--data-dir=" + folder.resolve("data"),
                        "--",
                        "echo",
                        "@" + file);
        assertThat(result.out().strip()).isEqualTo("@" + file);
    }

    @Test
    void unknownCommandIsStatusTwo() throws Exception {
        assertOneLine(AgentProcess.run(folder, "rnu"), 2, "rnu");
    }

    @Test
    void unknownPolicyKeyIsStatusTwo() throws Exception {
        Path policy =
                Files.writeString(
                        folder.resolve("p.yaml"),
                        """
                        version: 1
                        name: x
                        rules:
                          - id: r
                            stage: request
                            whenn: has("URL")
                            then: {action: block}
                            tests: [{findings: [URL], expect: block}, {findings: [EMAIL], expect: allow}]
                        """);
        AgentProcess.Result result = run("--policy", policy.toString());
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.errLines()).first().asString().contains("p.yaml:6:", "'whenn'", "'when'");
    }

    @Test
    void unknownCatalogueKeyIsStatusTwo() throws Exception {
        Path service =
                Files.writeString(
                        folder.resolve("s.json"),
                        "{\"id\":\"x\",\n\"nam\":\"X\",\"hosts\":[\"x.test\"],\"endpoints\":[]}");
        AgentProcess.Result result = run("--service", service.toString());
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.errLines()).first().asString().contains("s.json:2:", "nam");
    }

    @Test
    void twoProblemsOfTheConfigurationAreTwoLines() throws Exception {
        Path config = Files.writeString(folder.resolve("c.yaml"), "lisen: a\npac-direct: maybe\n");
        AgentProcess.Result result = run("--config", config.toString());
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.errLines()).hasSize(2);
        assertThat(result.err())
                .contains("c.yaml:1: unknown key 'lisen'", "c.yaml:2: 'pac-direct'");
    }
}
