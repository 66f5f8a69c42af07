// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.chaperone.model.sync.EventBatch.HighWater;
import dev.chaperone.server.enrol.Tokens;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerStartTest {
    @TempDir Path folder;

    @Test
    void secondServerOnTheFolderIsRefused() throws Exception {
        try (TestServer first = TestServer.start(folder)) {
            assertThatThrownBy(() -> TestServer.start(folder))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("another server runs");
            assertThat(first.get("/livez").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void takenPortIsNamedAndTheFolderIsAsBefore() throws Exception {
        try (TestServer first = TestServer.start(folder.resolve("a"))) {
            int taken = first.server.console().getPort();
            ServerOptions options =
                    new ServerOptions(
                            folder.resolve("b"),
                            new HostPort("127.0.0.1", 0),
                            new HostPort("127.0.0.1", taken),
                            Optional.empty(),
                            new Tokens.Terms(1, Duration.ofHours(1), null),
                            false,
                            false,
                            Duration.ofDays(90),
                            5);
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> Server.start(options, first.clock))
                        .isInstanceOf(StartException.class)
                        .hasMessageContaining("127.0.0.1:" + taken)
                        .hasMessageContaining("--agents-listen");
            }
            try (TestServer later = TestServer.start(folder.resolve("b"))) {
                assertThat(later.server.adminLink()).as("still the first start").isPresent();
            }
        }
    }

    @Test
    void folderThatIsNoneIsRefused() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> TestServer.start(file))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("--data-dir");
    }

    @Test
    void databaseThatIsNoneIsRefused() throws Exception {
        Files.writeString(folder.resolve("server.db"), "this is not a database".repeat(100));
        assertThatThrownBy(() -> TestServer.start(folder))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("database");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ca.pem", "keys/ca.key", "keys/bundle.key", "keys/pseudonyms.key"})
    void lostKeyIsNotReplacedInSilence(String file) throws Exception {
        TestServer.start(folder).close();
        Files.delete(folder.resolve(file));
        assertThatThrownBy(() -> TestServer.start(folder))
                .isInstanceOf(StartException.class)
                .hasMessageContaining(file)
                .hasMessageContaining("backup");
        assertThat(folder.resolve(file)).doesNotExist();
    }

    @Test
    void restartedServerKnowsItsDevicesAndTheirMarks() throws Exception {
        TestDevice device;
        int port;
        try (TestServer first = TestServer.start(folder)) {
            device = first.enrol();
            device.send(Events.batch(1, 4));
            port = first.server.agents().getPort();
        }
        ServerOptions o = TestServer.options(folder, 1, 5);
        ServerOptions samePort =
                new ServerOptions(
                        folder,
                        o.listen(),
                        new HostPort("127.0.0.1", port),
                        Optional.empty(),
                        o.terms(),
                        false,
                        false,
                        o.retention(),
                        5);
        try (Server second = Server.start(samePort, new MovableClock());
                TestDevice again = new TestDevice(device.answer, device.keys)) {
            assertThat(second.token()).isEmpty();
            assertThat(second.adminLink()).isEmpty();
            HttpResponse<String> response = again.send(Events.batch(5, 6));
            assertThat(TestServer.JSON.readValue(response.body(), HighWater.class))
                    .isEqualTo(new HighWater(1, 6));
            assertThat(again.status(Map.of()).statusCode()).isEqualTo(200);
        }
        device.close();
    }

    @Test
    void nobodyElseReadsTheFolder() throws Exception {
        try (TestServer server = TestServer.start(folder)) {
            assertThat(server.get("/readyz").statusCode()).isEqualTo(200);
            assertThat(mode(folder)).isEqualTo("rwx------");
            for (String file :
                    List.of(
                            "server.db",
                            "server.db-wal",
                            "admin.token",
                            "keys/ca.key",
                            "keys/bundle.key",
                            "keys/pseudonyms.key")) {
                assertThat(mode(folder.resolve(file))).as(file).isEqualTo("rw-------");
            }
        }
    }

    private static String mode(Path file) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    void adminLinkBecomesASessionOnce() throws Exception {
        try (TestServer server = TestServer.start(folder)) {
            String link = server.server.adminLink().orElseThrow().toString();
            String body = "{\"secret\":\"%s\"}".formatted(link.substring(link.indexOf('=') + 1));
            HttpResponse<String> opened = server.post("/api/v1/sessions", body);
            assertThat(opened.statusCode()).isEqualTo(201);
            String token = TestServer.JSON.readTree(opened.body()).get("token").asString();
            assertThat(report(server, token).statusCode()).isEqualTo(200);
            assertThat(TestServer.code(server.post("/api/v1/sessions", body)))
                    .isEqualTo("401 CHP-SRV-031");
            assertThat(TestServer.code(server.post("/api/v1/sessions", "{}")))
                    .isEqualTo("401 CHP-SRV-031");
            server.clock.move(Duration.ofHours(9));
            assertThat(TestServer.code(report(server, token))).isEqualTo("401 CHP-SRV-030");
        }
    }

    private static HttpResponse<String> report(TestServer server, String token) throws Exception {
        return server.send(
                server.bare("/api/v1/reports/usage")
                        .header("authorization", "Bearer " + token)
                        .GET());
    }
}
