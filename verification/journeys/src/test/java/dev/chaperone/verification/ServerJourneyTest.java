// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.agent.os.FileKeyVault;
import dev.chaperone.agent.sync.Enroller;
import dev.chaperone.model.sync.EnrolmentToken;
import dev.chaperone.server.Server;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
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

    @SuppressWarnings("NullAway.Init") // before each
    private ServerUnderTest company;

    @BeforeEach
    void company() throws Exception {
        company = new ServerUnderTest(folder);
    }

    @Test
    void policyComesDownAndTheEventGoesUpIntoTheReport() throws Exception {
        try (Server server = company.start()) {
            company.publish("company", "redact");
            company.enrol(server.token().orElseThrow());
            try (AgentUnderTest agent = company.agent()) {
                WholeProduct.awaitTrue(
                        "the policy",
                        () -> company.sync().filter(s -> s.policyVersion() == 1).isPresent());
                assertThat(ServerUnderTest.ask(agent, "why does " + SECRET + " fail?"))
                        .contains("200");
                assertThat(new String(agent.nextReceived(), StandardCharsets.UTF_8))
                        .contains("[SECRET-1]")
                        .doesNotContain(SECRET);
                assertThat(agent.awaitEvent(e -> e.rule().equals("company-rule")).policy())
                        .startsWith("company");
                WholeProduct.awaitTrue(
                        "the event", () -> company.stored("select count(*) from event") == 1);
                ServerUnderTest.Said report =
                        company.admin("report", "usage", "--by", "service", "--format", "csv");
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
                assertThat(ServerUnderTest.ask(agent, "question number " + i)).contains("200");
            }
            agent.awaitEvent(e -> e.seq() == 50);
            assertThat(company.stored("select count(*) from event")).isZero();
            try (Server _ = company.start()) {
                WholeProduct.awaitTrue(
                        "50 events", () -> company.stored("select count(*) from event") >= 50);
                WholeProduct.awaitTrue(
                        "the mark", () -> company.sync().filter(s -> s.pending() == 0).isPresent());
            }
        }
        assertThat(company.stored("select count(*) from event")).isEqualTo(50);
        assertThat(company.stored("select count(distinct id) from event")).isEqualTo(50);
        assertThat(company.stored("select count(*) from loss")).isZero();
    }

    @Test
    void eventThatTheServerDoesNotTakeBecomesALossAndHoldsUpNoOther() throws Exception {
        try (AgentUnderTest agent = enrolled()) {
            for (int i = 0; i < 9; i++) {
                String model = i == 5 ? "m".repeat(5000) : "gpt-5";
                String body =
                        "{\"model\":\""
                                + model
                                + "\",\"messages\":[{\"role\":\"user\",\"content\":\"question "
                                + i
                                + "\"}]}";
                try (SSLSocket socket = agent.open(HOST)) {
                    AgentUnderTest.post(
                            socket,
                            HOST,
                            "/v1/chat/completions",
                            "",
                            body.getBytes(StandardCharsets.UTF_8));
                }
            }
            agent.awaitEvent(e -> e.seq() == 9);
            try (Server _ = company.start()) {
                WholeProduct.awaitTrue(
                        "the rest",
                        () -> company.sync().filter(s -> s.delivered() == 9).isPresent());
            }
        }
        assertThat(company.stored("select count(*) from event")).isEqualTo(8);
        assertThat(company.stored("select count(*) from loss where reason = 'rejected'"))
                .isEqualTo(1);
    }

    /** An agent whose server is down. */
    private AgentUnderTest enrolled() throws Exception {
        try (Server server = company.start()) {
            company.enrol(server.token().orElseThrow());
        }
        return company.agent();
    }

    @Test
    @Tag("slow") // policies are asked for twice a minute
    void policyThatIsRolledBackIsRefusedTheLastStaysInForceAndDoctorSaysSo() throws Exception {
        try (Server server = company.start()) {
            company.publish("first", "redact");
            company.enrol(server.token().orElseThrow());
        }
        Path before = company.copyDatabase();
        try (Server _ = company.start()) {
            company.publish("second", "block");
        }
        try (AgentUnderTest agent = company.agent()) {
            try (Server _ = company.start()) {
                WholeProduct.awaitTrue(
                        "version 2",
                        () -> company.sync().filter(s -> s.policyVersion() == 2).isPresent());
            }
            company.restoreDatabase(before);
            try (Server _ = company.start()) {
                WholeProduct.awaitTrue(
                        "the refusal",
                        () -> {
                            ServerUnderTest.ask(agent, "anything");
                            return company.sync()
                                    .filter(s -> s.policyProblem() != null)
                                    .isPresent();
                        });
            }
            assertThat(agent.doctor()).contains("never rolled back or forked");
            assertThat(ServerUnderTest.ask(agent, "use " + SECRET + " here"))
                    .as("the second policy blocks")
                    .contains("second-rule");
        }
    }

    @Test
    void wrongAuthorityIsRefusedBeforeTheTokenIsSent() throws Exception {
        try (Server server = company.start()) {
            EnrolmentToken good = server.token().orElseThrow();
            EnrolmentToken other =
                    new EnrolmentToken(
                            URI.create(good.server().toString()), "ab".repeat(32), good.secret());
            Path data = Files.createDirectories(folder.resolve("agent"));
            assertThat(
                            org.assertj.core.api.Assertions.catchThrowable(() ->
                                    Enroller.enrol(
                                            other,
                                            data,
                                            new FileKeyVault(data.resolve("keys")),
                                            Optional.empty())))
                    .hasMessageContaining("does not have the CA that the token names");
            assertThat(company.stored("select uses from token")).as("not spent").isEqualTo(1);
        }
    }
}
