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
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Agent and server, each as it is: TLS, SQLite, signed bundles. Nothing is played. */
@Timeout(120)
class ServerJourneyTest {
    private static final String SECRET =
            "ghp_" + SampleSecrets.text(new Random(7), "abcdefghijkABCDEFGHIJK0123456789", 36);
    private static final String HOST = "api.openai.com";

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private int consolePort;
    private int agentsPort;

    @BeforeEach
    void ports() throws Exception {
        // The same before and after a restart, as an installed server's are.
        try (ServerSocket a = new ServerSocket(0);
                ServerSocket b = new ServerSocket(0)) {
            consolePort = a.getLocalPort();
            agentsPort = b.getLocalPort();
        }
    }

    private Server server() throws Exception {
        return Server.start(
                new ServerOptions(
                        folder.resolve("server"),
                        new HostPort("127.0.0.1", consolePort),
                        new HostPort("127.0.0.1", agentsPort),
                        Optional.empty(),
                        new Tokens.Terms(1, Duration.ofHours(1), "sales"),
                        false,
                        false,
                        Duration.ofDays(90),
                        1),
                InstantSource.system());
    }

    private record Said(int status, String out, String err) {}

    private Said admin(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status =
                ServerMain.commandLine()
                        .setOut(new PrintWriter(out))
                        .setErr(new PrintWriter(err))
                        .execute(arguments);
        return new Said(status, out.toString(), err.toString());
    }

    private static String policy(String name, String action) {
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

    private void publish(String name, String action) throws Exception {
        Path file = folder.resolve(name + ".yaml");
        Files.writeString(file, policy(name, action));
        Said said =
                admin(
                        "admin",
                        "publish",
                        file.toString(),
                        "--data-dir",
                        folder.resolve("server").toString());
        assertThat(said.status()).as(said.err()).isZero();
    }

    private void enrol(EnrolmentToken token) throws Exception {
        Path data = Files.createDirectories(folder.resolve("agent"));
        Enroller.enrol(token, data, new FileKeyVault(data.resolve("keys")));
    }

    private AgentUnderTest agent() throws Exception {
        return new AgentUnderTest(folder, Optional.empty());
    }

    private static String ask(AgentUnderTest agent, String text) throws Exception {
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

    private void await(String what, Callable<Boolean> condition) throws Exception {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.call()) {
            assertThat(System.nanoTime()).as(what).isLessThan(until);
            TimeUnit.MILLISECONDS.sleep(50); // two processes' worth of threads: nothing to wait on
        }
    }

    private long stored(String query) throws Exception {
        try (Connection c =
                        DriverManager.getConnection(
                                "jdbc:sqlite:" + folder.resolve("server/server.db"));
                ResultSet row = c.createStatement().executeQuery(query)) {
            return row.next() ? row.getLong(1) : 0;
        }
    }

    private Optional<SyncStatus> sync() {
        return SyncStatus.read(folder.resolve("agent"));
    }

    @Test
    void policyComesDownAndTheEventGoesUpIntoTheReport() throws Exception {
        try (Server server = server()) {
            publish("company", "redact");
            enrol(server.token().orElseThrow());
            try (AgentUnderTest agent = agent()) {
                await("the policy", () -> sync().filter(s -> s.policyVersion() == 1).isPresent());
                assertThat(ask(agent, "why does " + SECRET + " fail?")).contains("200");
                assertThat(new String(agent.nextReceived(), StandardCharsets.UTF_8))
                        .contains("[SECRET-1]")
                        .doesNotContain(SECRET);
                assertThat(agent.awaitEvent(e -> e.rule().equals("company-rule")).policy())
                        .startsWith("company");
                await("the event", () -> stored("select count(*) from event") == 1);
                Said report =
                        admin(
                                "report",
                                "usage",
                                "--by",
                                "service",
                                "--format",
                                "csv",
                                "--data-dir",
                                folder.resolve("server").toString());
                assertThat(report.out()).contains("openai-api,1");
                assertThat(agent.doctor()).contains("policy-bundle").contains("version 1");
            }
        }
        String everything =
                new String(
                        Files.readAllBytes(folder.resolve("server/server.db")),
                        StandardCharsets.ISO_8859_1);
        assertThat(everything).doesNotContain(SECRET.substring(4, 16));
    }

    @Test
    void eventsOfAnOutageAreStoredOnceWhenTheServerIsBack() throws Exception {
        try (AgentUnderTest agent = enrolled()) {
            for (int i = 0; i < 50; i++) {
                assertThat(ask(agent, "question number " + i)).contains("200");
            }
            agent.awaitEvent(e -> e.seq() == 50);
            assertThat(stored("select count(*) from event")).isZero();
            try (Server _ = server()) {
                await("50 events", () -> stored("select count(*) from event") >= 50);
                await("the mark", () -> sync().filter(s -> s.pending() == 0).isPresent());
            }
        }
        assertThat(stored("select count(*) from event")).isEqualTo(50);
        assertThat(stored("select count(distinct id) from event")).isEqualTo(50);
        assertThat(stored("select count(*) from loss")).isZero();
    }

    /** An agent whose server is down. */
    private AgentUnderTest enrolled() throws Exception {
        try (Server server = server()) {
            enrol(server.token().orElseThrow());
        }
        return agent();
    }

    @Test
    void policyThatIsRolledBackIsRefusedTheLastStaysInForceAndDoctorSaysSo() throws Exception {
        Path database = folder.resolve("server/server.db");
        Path before = folder.resolve("before.db");
        try (Server server = server()) {
            publish("first", "redact");
            enrol(server.token().orElseThrow());
        }
        Files.copy(database, before);
        try (Server _ = server()) {
            publish("second", "block");
        }
        try (AgentUnderTest agent = agent()) {
            try (Server _ = server()) {
                await("version 2", () -> sync().filter(s -> s.policyVersion() == 2).isPresent());
            }
            Files.copy(before, database, StandardCopyOption.REPLACE_EXISTING);
            Files.deleteIfExists(folder.resolve("server/server.db-wal"));
            Files.deleteIfExists(folder.resolve("server/server.db-shm"));
            try (Server _ = server()) {
                await(
                        "the refusal",
                        () -> {
                            ask(agent, "anything");
                            return sync().filter(s -> s.policyProblem() != null).isPresent();
                        });
            }
            assertThat(agent.doctor()).contains("never rolled back or forked");
            assertThat(ask(agent, "use " + SECRET + " here"))
                    .as("the second policy blocks")
                    .contains("second-rule");
        }
    }

    @Test
    void wrongAuthorityIsRefusedBeforeTheTokenIsSent() throws Exception {
        try (Server server = server()) {
            EnrolmentToken good = server.token().orElseThrow();
            EnrolmentToken other =
                    new EnrolmentToken(
                            URI.create(good.server().toString()), "ab".repeat(32), good.secret());
            Path data = Files.createDirectories(folder.resolve("agent"));
            assertThat(
                            org.assertj.core.api.Assertions.catchThrowable(() ->
                                    Enroller.enrol(
                                            other, data, new FileKeyVault(data.resolve("keys")))))
                    .hasMessageContaining("does not have the CA that the token names");
            assertThat(stored("select uses from token")).as("not spent").isEqualTo(1);
        }
    }
}
