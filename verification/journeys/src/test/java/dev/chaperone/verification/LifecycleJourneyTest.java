// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.agent.sync.ServerLink;
import dev.chaperone.server.Server;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The lifecycle log between the real agent and the real server. */
@Timeout(120)
class LifecycleJourneyTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @SuppressWarnings("NullAway.Init") // before each
    private ServerUnderTest company;

    @BeforeEach
    void company() throws Exception {
        company = new ServerUnderTest(folder);
    }

    private Path data() {
        return folder.resolve("agent");
    }

    private String device() throws Exception {
        return ServerLink.read(data()).orElseThrow().device();
    }

    private ServerUnderTest.Said shown() throws Exception {
        return company.admin("admin", "lifecycle", "--device", device());
    }

    private long stored(String kind) throws Exception {
        return company.stored("select count(*) from lifecycle where kind = '" + kind + "'");
    }

    @Test
    void whatHappenedWithoutTheServerIsDeliveredOnceWhenItIsBack() throws Exception {
        try (Server server = company.start()) {
            company.enrol(server.token().orElseThrow());
        }
        for (int i = 0; i < 2; i++) {
            try (AgentUnderTest agent = company.agent()) {
                assertThat(agent.doctor()).contains("\"lifecycle\"").contains("unbroken");
            }
        }
        try (AgentUnderTest _ = company.agent();
                Server _ = company.start()) {
            WholeProduct.awaitTrue("three starts", () -> stored("start") == 3);
            assertThat(stored("enrol")).isEqualTo(1);
            assertThat(stored("stop")).isEqualTo(2);
            assertThat(shown().status()).isZero();
            assertThat(shown().out()).contains("start  uid ").contains("foreground pid ");
        }
        assertThat(company.stored("select count(*) from lifecycle"))
                .isEqualTo(company.stored("select count(distinct n) from lifecycle"));
    }

    @Test
    void foldersThatAreRolledBackOrCutOffAreFoundByDeviceAndServer() throws Exception {
        Path before = folder.resolve("before");
        try (Server server = company.start()) {
            company.enrol(server.token().orElseThrow());
            try (AgentUnderTest _ = company.agent()) {
                WholeProduct.awaitTrue("a start", () -> stored("start") == 1);
            }
            copy(data(), before);
            try (AgentUnderTest _ = company.agent()) {
                WholeProduct.awaitTrue("the next", () -> stored("start") == 2);
            }
            delete(data());
            copy(before, data());
            try (AgentUnderTest agent = company.agent()) {
                WholeProduct.awaitTrue(
                        "the finding",
                        () -> company.stored("select count(*) from lifecycle_finding") > 0);
                WholeProduct.awaitTrue(
                        "doctor",
                        () -> agent.doctor().contains("the server knows more of this device"));
            }
            assertThat(shown().status()).isEqualTo(1);
            assertThat(shown().out()).contains("FOUND ");
            List<String> lines = Files.readAllLines(data().resolve("lifecycle.jsonl"));
            Files.write(data().resolve("lifecycle.jsonl"), lines.subList(0, lines.size() - 1));
            assertThat(AgentUnderTest.doctor(data())).contains("was tampered with");
        }
    }

    /** A real process, killed as the kernel kills. */
    @Test
    void agentThatIsKilledSaysSoAtTheNextStart() throws Exception {
        String[] run = {
            "run", "--no-ui", "--listen", "127.0.0.1:0", "--data-dir", data().toString()
        };
        try (AgentProcess agent = AgentProcess.start(folder, List.of(), List.of(), run)) {
            assertThat(agent.readyPort()).isPositive();
            agent.kill();
        }
        try (AgentProcess agent = AgentProcess.start(folder, List.of(), List.of(), run)) {
            assertThat(agent.readyPort()).isPositive();
        }
        AgentProcess.Result shown =
                AgentProcess.run(folder, "events", "--lifecycle", "--data-dir", data().toString());
        assertThat(shown.status()).as(shown.err()).isZero();
        assertThat(shown.out()).containsSubsequence("  start  ", "  killed  ", "  start  ");
    }

    private static void copy(Path from, Path to) throws Exception {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Path ignored = Files.createDirectories(target);
                } else if (Files.isRegularFile(file)) {
                    Path ignored = Files.copy(file, target);
                }
            }
        }
    }

    private static void delete(Path folder) throws Exception {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
