// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.agent.os.FileKeyVault;
import dev.chaperone.agent.sync.Enroller;
import dev.chaperone.agent.sync.SyncStatus;
import dev.chaperone.model.sync.EnrolmentToken;
import dev.chaperone.server.HostPort;
import dev.chaperone.server.Server;
import dev.chaperone.server.ServerMain;
import dev.chaperone.server.ServerOptions;
import dev.chaperone.server.enrol.Tokens;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.BindException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import javax.net.ssl.SSLSocket;

/**
 * The real server in this process, at the same ports after each restart, with its administrator and
 * one agent. The server's data is in {@code server} of the folder, the agent's in {@code agent}.
 */
final class ServerUnderTest {
    private static final String HOST = "api.openai.com";

    private final Path folder;
    private final int consolePort;
    private final int agentsPort;

    ServerUnderTest(Path folder) throws IOException {
        this.folder = folder;
        try (ServerSocket a = freePort();
                ServerSocket b = freePort()) {
            consolePort = a.getLocalPort();
            agentsPort = b.getLocalPort();
        }
    }

    /**
     * The ports are the same before and after a restart, as an installed server's are; those from
     * 32768 on may be taken by an outgoing connection in between (Linux, ip_local_port_range).
     */
    private static ServerSocket freePort() throws IOException {
        while (true) {
            try {
                return new ServerSocket(ThreadLocalRandom.current().nextInt(20_000, 32_768));
            } catch (BindException e) {
                // taken; the next
            }
        }
    }

    Path data() {
        return folder.resolve("server");
    }

    Server start() throws Exception {
        return start(InstantSource.system());
    }

    /** TLS goes by the machine's clock all the same. */
    Server start(InstantSource clock) throws Exception {
        return Server.start(
                new ServerOptions(
                        data(),
                        new HostPort("127.0.0.1", consolePort),
                        new HostPort("127.0.0.1", agentsPort),
                        Optional.empty(),
                        new Tokens.Terms(1, Duration.ofHours(1), "sales"),
                        false,
                        false,
                        Duration.ofDays(90),
                        1),
                clock);
    }

    /** What a command of the administrator left behind. */
    record Said(int status, String out, String err) {}

    Said admin(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--data-dir";
        all[arguments.length + 1] = data().toString();
        int status =
                ServerMain.commandLine()
                        .setOut(new PrintWriter(out))
                        .setErr(new PrintWriter(err))
                        .execute(all);
        return new Said(status, out.toString(), err.toString());
    }

    /** A policy whose only rule, {@code NAME-rule}, does one thing with credentials. */
    static String policy(String name, String action) {
        return """
        version: 1
        name: %s
        defaults: {action: allow, on-timeout: redact, fail: redact, oversize: allow, unreadable: allow}
        rules:
          - id: %s-rule
            stage: [request, tool]
            when: has("CREDENTIAL")
            then: {action: %s}
            tests:
              - {findings: [SECRET.github-pat], expect: %s}
              - {findings: [URL], expect: allow}
        """
                .formatted(name, name, action, action);
    }

    void publish(String name, String action) throws Exception {
        Path file = folder.resolve(name + ".yaml");
        Files.writeString(file, policy(name, action));
        Said said = admin("admin", "publish", file.toString());
        assertThat(said.status()).as(said.err()).isZero();
    }

    void enrol(EnrolmentToken token) throws Exception {
        Path agent = Files.createDirectories(folder.resolve("agent"));
        Enroller.enrol(token, agent, new FileKeyVault(agent.resolve("keys")), Optional.empty());
    }

    AgentUnderTest agent() throws Exception {
        return new AgentUnderTest(folder, Optional.empty());
    }

    /** Sends a chat message through an agent; status, head and body of the answer as one text. */
    static String ask(AgentUnderTest agent, String text) throws Exception {
        String body =
                "{\"model\":\"gpt-5\",\"messages\":[{\"role\":\"user\",\"content\":\""
                        + text
                        + "\"}]}";
        try (SSLSocket socket = agent.open(HOST)) {
            return AgentUnderTest.post(
                    socket,
                    HOST,
                    "/v1/chat/completions",
                    "",
                    body.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** One number from the server's database. */
    long stored(String query) throws SQLException {
        try (Connection c = database();
                ResultSet row = c.createStatement().executeQuery(query)) {
            return row.next() ? row.getLong(1) : 0;
        }
    }

    /** The envelope that the server hands out. */
    String envelope() throws SQLException {
        try (Connection c = database();
                ResultSet row =
                        c.createStatement()
                                .executeQuery(
                                        "select envelope from policy order by version desc limit 1")) {
            assertThat(row.next()).isTrue();
            return row.getString(1);
        }
    }

    /** Puts another envelope in its place, past the server. */
    void replaceEnvelope(String envelope) throws SQLException {
        try (Connection c = database();
                PreparedStatement s =
                        c.prepareStatement(
                                "update policy set envelope = ? where version = (select max(version) from policy)")) {
            s.setString(1, envelope);
            assertThat(s.executeUpdate()).isEqualTo(1);
        }
    }

    private Connection database() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + data().resolve("server.db"));
    }

    /** A copy of the database of a server that is stopped. */
    Path copyDatabase() throws IOException {
        return Files.copy(data().resolve("server.db"), folder.resolve("copy.db"));
    }

    /** Puts a copy back, as from a backup; the server is stopped. */
    void restoreDatabase(Path copy) throws IOException {
        Files.copy(copy, data().resolve("server.db"), StandardCopyOption.REPLACE_EXISTING);
        Files.deleteIfExists(data().resolve("server.db-wal"));
        Files.deleteIfExists(data().resolve("server.db-shm"));
    }

    /** How the agent's sync stands. */
    Optional<SyncStatus> sync() {
        return SyncStatus.read(folder.resolve("agent"));
    }
}
