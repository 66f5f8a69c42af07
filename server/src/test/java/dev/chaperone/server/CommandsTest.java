// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.sync.EnrolmentToken;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandsTest {
    @TempDir Path folder;
    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(folder.resolve("data"), new MovableClock(), 3, 1);
        try (TestDevice device = server.enrol()) {
            device.send(Events.batch(1, 5));
        }
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private CommandResult run(String... arguments) {
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--data-dir";
        all[arguments.length + 1] = folder.resolve("data").toString();
        return CommandResult.of(all);
    }

    @Test
    void usageIsPrintedAsTableCsvAndJson() {
        CommandResult table = run("report", "usage", "--since", "30d", "--by", "service");
        assertThat(table.status()).isZero();
        assertThat(table.out())
                .contains("service    events")
                .contains("assistant       5")
                .contains("completeness 100.0 %");
        assertThat(run("report", "usage", "--format", "csv").out()).startsWith("service,events,");
        assertThat(
                        TestServer.JSON
                                .readTree(run("report", "usage", "--format", "json").out())
                                .at("/total/events")
                                .asInt())
                .isEqualTo(5);
        assertThat(run("report", "leaks").out()).contains("outcome  rule");
    }

    @Test
    void wrongUseIsTwoWithOneLine() {
        assertThat(run("report", "usage", "--by", "person").status()).isEqualTo(2);
        assertThat(run("report", "usage", "--format", "pdf").status()).isEqualTo(2);
        assertThat(run("report").status()).isEqualTo(2);
        assertThat(run("admin", "token", "--ttl", "soon").err()).hasLineCount(1);
        assertThat(run("server", "--listen", "nowhere").status()).isEqualTo(2);
        assertThat(run("server", "--minimum-group", "0").status()).isEqualTo(2);
    }

    @Test
    void tokenThatIsPrintedServes() throws Exception {
        CommandResult made = run("admin", "token", "--group", "design", "--uses", "2");
        try (TestDevice device = TestDevice.enrol(EnrolmentToken.parse(made.out()))) {
            assertThat(device.answer.group()).isEqualTo("design");
            assertThat(run("admin", "devices").out()).contains(device.answer.device());
            assertThat(run("admin", "revoke", device.answer.device()).status()).isZero();
            assertThat(run("admin", "devices").out()).contains("revoked");
        }
        assertThat(run("admin", "revoke", "nobody").status()).isEqualTo(2);
    }

    @Test
    void policyIsPublishedOrRefusedWithItsLine() throws Exception {
        Path good = Files.writeString(folder.resolve("good.yaml"), SamplePolicy.YAML);
        assertThat(run("admin", "publish", good.toString()).out()).contains("version 1");
        Path bad = Files.writeString(folder.resolve("bad.yaml"), "version: 1\nnamee: a\n");
        CommandResult refused = run("admin", "publish", bad.toString());
        assertThat(refused.status()).isEqualTo(2);
        assertThat(refused.err()).contains("bad.yaml:2").hasLineCount(1);
        assertThat(run("admin", "publish", folder.resolve("none").toString()).status())
                .isEqualTo(2);
    }

    @Test
    void withoutAServerTheStatusIsThree() {
        server.close();
        CommandResult nobody = run("report", "usage");
        assertThat(nobody.status()).isEqualTo(3);
        assertThat(nobody.err()).contains("no server answers");
        CommandResult nowhere =
                CommandResult.of("report", "usage", "--data-dir", folder.resolve("x").toString());
        assertThat(nowhere.status()).isEqualTo(3);
    }

    @Test
    void administratorElsewhereNeedsAddressCaAndToken() {
        Path data = folder.resolve("data");
        CommandResult result =
                CommandResult.of(
                        "report",
                        "usage",
                        "--data-dir",
                        folder.resolve("nothing").toString(),
                        "--server",
                        server.server.console().toString(),
                        "--ca",
                        data.resolve("ca.pem").toString(),
                        "--admin-token-file",
                        data.resolve("admin.token").toString());
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).contains("assistant");
    }

    @Test
    void serverOfAnotherFolderIsNotBelieved() throws Exception {
        try (TestServer other = TestServer.start(folder.resolve("other"))) {
            CommandResult result =
                    run("report", "usage", "--server", other.server.console().toString());
            assertThat(result.status()).isEqualTo(3);
            assertThat(result.err()).contains("not the one of this data folder");
        }
    }
}
