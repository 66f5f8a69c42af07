// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuditTest {
    private static final String UNLOCK =
            "drop trigger audit_is_not_changed; drop trigger audit_is_not_shortened; ";

    @TempDir Path folder;
    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(folder);
        server.get("/api/v1/reports/usage");
        server.get("/api/v1/reports/leaks?format=csv");
        server.post("/api/v1/tokens", "{\"uses\":1,\"hours\":1}");
        server.get("/api/v1/devices");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private CommandResult verify() {
        return CommandResult.of("admin", "audit", "verify", "--data-dir", folder.toString());
    }

    private void sql(String script) throws SQLException {
        try (Connection c =
                        DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("server.db"));
                Statement s = c.createStatement()) {
            for (String one : script.split(";")) {
                s.execute(one);
            }
        }
    }

    @Test
    void everyReadChangeAndExportIsRecorded() throws Exception {
        List<String> actions = new ArrayList<>();
        server.json("/api/v1/audit")
                .get("entries")
                .forEach(e -> actions.add(e.get("action").asString()));
        assertThat(actions)
                .containsExactly(
                        "read audit",
                        "read devices",
                        "change tokens",
                        "export report",
                        "read report");
    }

    @Test
    void wholeChainIsFoundGood() {
        CommandResult result = verify();
        assertThat(result.out()).startsWith("audit: ok, 4 entries, head ");
        assertThat(result.status()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "update audit set actor = 'nobody' where n = 2",
                "update audit set at = at + 1 where n = 2",
                "delete from audit where n = 2",
                "delete from audit where n = 2; update audit set n = n - 1 where n > 2",
                "update audit set hash = previous where n = 2"
            })
    void tamperedChainIsFound(String tampering) throws Exception {
        sql(UNLOCK + tampering);
        CommandResult result = verify();
        assertThat(result.out()).isEqualToIgnoringNewLines("audit: BROKEN at entry 2");
        assertThat(result.status()).isEqualTo(1);
    }

    @Test
    void databaseItselfRefusesChanges() {
        assertThatThrownBy(() -> sql("update audit set actor = 'nobody'"))
                .hasMessageContaining("append-only");
        assertThatThrownBy(() -> sql("delete from audit")).hasMessageContaining("append-only");
    }
}
