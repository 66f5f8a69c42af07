// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.chaperone.agent.AgentMain;
import dev.chaperone.agent.ipc.IpcClient;
import dev.chaperone.agent.sync.ServerLink;
import dev.chaperone.model.event.Event;
import dev.chaperone.model.ipc.AgentStatus;
import dev.chaperone.model.ipc.AnswerRequest.Via;
import dev.chaperone.model.ipc.Ipc;
import dev.chaperone.model.ipc.PauseRequest;
import dev.chaperone.model.ipc.Paused;
import dev.chaperone.server.Server;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A person pauses inspection: between the real agent, the real server and the stand-in. */
@Timeout(120)
class PauseJourneyTest {
    private static final String HOST = "api.openai.com";
    private static final String REASON = "the tool breaks under inspection";

    private final String secret =
            "ghp_"
                    + SampleSecrets.text(
                            new Random(24), "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijk0123456789", 36);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @SuppressWarnings("NullAway.Init") // before each
    private ServerUnderTest company;

    @BeforeEach
    void company() throws Exception {
        company = new ServerUnderTest(folder);
    }

    private void publish(String name, String pause) throws Exception {
        Path file = folder.resolve(name + ".yaml");
        Files.writeString(file, ServerUnderTest.policy(name, "redact") + pause);
        ServerUnderTest.Said said = company.admin("admin", "publish", file.toString());
        assertThat(said.status()).as(said.err()).isZero();
    }

    private static IpcClient ui(AgentUnderTest agent) throws Exception {
        return IpcClient.connect(agent.data().resolve("agent.sock"));
    }

    private static AgentStatus.@Nullable Pause allowed(AgentUnderTest agent) throws Exception {
        try (IpcClient ui = ui(agent)) {
            return ui.awaitStatus().pause();
        }
    }

    private static JsonNode call(AgentUnderTest agent, String method, Object params)
            throws Exception {
        try (IpcClient ui = ui(agent)) {
            return ui.call(method, params);
        }
    }

    private static String issuer(SSLSocket socket) throws Exception {
        return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
                .getIssuerX500Principal()
                .getName();
    }

    private String arrived(AgentUnderTest agent) throws Exception {
        String ignored = ServerUnderTest.ask(agent, "key " + secret);
        return new String(agent.nextReceived(), StandardCharsets.UTF_8);
    }

    @Test
    void pausedConnectionsPassUnopenedCountedAndRecordedUntilItEnds() throws Exception {
        try (Server server = company.start()) {
            publish("lenient", "pause: {longest: 30m}\n");
            company.enrol(server.token().orElseThrow());
            try (AgentUnderTest agent = company.agent()) {
                WholeProduct.awaitTrue("the policy", () -> allowed(agent) != null);
                String ours;
                try (SSLSocket socket = agent.open(HOST)) {
                    ours = issuer(socket);
                }
                assertThat(arrived(agent)).contains("[SECRET-1]").doesNotContain(secret);

                paused(agent, ours);
                resumed(agent);
                assertThat(arrived(agent)).contains("[SECRET-1]").doesNotContain(secret);
            }
            ServerUnderTest.Said shown = shown();
            assertThat(shown.status()).isZero();
            assertThat(shown.out()).contains(": " + REASON, "by the user");
        }
    }

    /** Waits until the agent asks for its policy again, which is half a minute. */
    @Test
    @Tag("slow")
    void policyThatAllowsNoPauseAnyMoreEndsIt() throws Exception {
        try (Server server = company.start()) {
            publish("lenient", "pause: {longest: 30m}\n");
            company.enrol(server.token().orElseThrow());
            try (AgentUnderTest agent = company.agent()) {
                WholeProduct.awaitTrue("the policy", () -> allowed(agent) != null);
                PauseRequest request = new PauseRequest(30, REASON, Via.UI);
                JsonNode ignored = call(agent, Ipc.PAUSE, request);
                assertThat(arrived(agent)).contains(secret); // there is something to end
                publish("stern", "");
                WholeProduct.awaitTrue("no pause any more", () -> allowed(agent) == null);
                assertThat(arrived(agent)).contains("[SECRET-1]").doesNotContain(secret);
                WholeProduct.awaitTrue("its end", () -> stored("resume") == 1);
                assertThatThrownBy(() -> call(agent, Ipc.PAUSE, request))
                        .hasMessageContaining("policy does not allow");
            }
            assertThat(shown().out()).contains("policy allows no pause any more");
        }
    }

    private ServerUnderTest.Said shown() throws Exception {
        String device = ServerLink.read(folder.resolve("agent")).orElseThrow().device();
        return company.admin("admin", "lifecycle", "--device", device);
    }

    private long stored(String kind) throws Exception {
        return company.stored("select count(*) from lifecycle where kind = '" + kind + "'");
    }

    /** While it lasts: theirs is the upstream's certificate, what passes is counted and said. */
    private void paused(AgentUnderTest agent, String ours) throws Exception {
        Paused paused;
        try (IpcClient ui = ui(agent)) {
            PauseRequest request = new PauseRequest(15, REASON, Via.UI);
            paused = ui.value(ui.call(Ipc.PAUSE, request), Paused.class);
        }
        assertThat(paused.until()).isAfter(Instant.now());
        try (SSLSocket socket = agent.open(HOST)) {
            assertThat(issuer(socket)).isNotEqualTo(ours);
        }
        assertThat(arrived(agent)).contains(secret).doesNotContain("[SECRET-1]");
        Event event = agent.awaitEvent(e -> e.notInspected().containsKey("paused"));
        assertThat(event.code()).isEqualTo("CHP-PAU-001");
        assertThat(event.host()).isEqualTo(HOST);
        assertThat(agent.doctor())
                .contains("\"protected\":false", "paused: until ", "chaperone resume", "paused=");
    }

    /** Its end closes what passed under it: no connection is left that nobody inspects. */
    private void resumed(AgentUnderTest agent) throws Exception {
        try (SSLSocket open = agent.open(HOST)) {
            open.startHandshake();
            assertThat(call(agent, Ipc.RESUME, Map.of()).asBoolean()).isTrue();
            open.setSoTimeout(Math.toIntExact(TimeUnit.SECONDS.toMillis(30)));
            assertThat(open.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(call(agent, Ipc.RESUME, Map.of()).asBoolean()).isFalse();
        WholeProduct.awaitTrue("both entries", () -> stored("resume") == 1 && stored("pause") == 1);
    }

    @Test
    void commandLineRefusesInOneLine() throws Exception {
        try (AgentUnderTest agent = new AgentUnderTest(folder, Optional.empty())) {
            String data = agent.data().toString();
            assertRefused(2, "'long': give minutes", "pause", "--for", "long", "--data-dir", data);
            assertRefused(
                    1, "policy does not allow to pause", "pause", "--for=5m", "--data-dir", data);
            AgentProcess.Result resumed = AgentProcess.run(folder, "resume", "--data-dir", data);
            assertThat(resumed.status()).isZero();
            assertThat(resumed.out()).contains("Nothing was paused.");
        }
        Path nobody = Files.createDirectory(folder.resolve("nobody"));
        assertRefused(3, "no agent runs", "pause", "--for=5m", "--data-dir", nobody.toString());
    }

    private void assertRefused(int status, String words, String... arguments) throws Exception {
        AgentProcess.Result result = AgentProcess.run(folder, arguments);
        assertThat(result.errLines()).singleElement().asString().contains(words);
        assertThat(result.status()).isEqualTo(status);
    }

    /** A person types at a terminal, which {@code script} (util-linux) is here. */
    @Test
    void personAtATerminalPausesAndNobodyElse() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "needs script of util-linux");
        Path policy =
                Files.writeString(
                        folder.resolve("lenient.yaml"),
                        ServerUnderTest.policy("lenient", "redact") + "pause: {longest: 30m}\n");
        try (AgentUnderTest agent = new AgentUnderTest(folder, Optional.of(policy))) {
            String data = agent.data().toString();
            String[] pause = {"pause", "--for=15m", "--reason=" + REASON, "--data-dir", data};
            assertRefused(1, "needs a person who types at a terminal", pause);
            assertThat(typed("16", pause)).contains("not confirmed");
            assertThat(Objects.requireNonNull(allowed(agent)).until()).isNull();
            assertThat(typed("45", "pause", "--for=45m", "--reason=x", "--data-dir", data))
                    .contains("policy allows a pause of 1 to 30 minutes");
            assertThat(typed("15", "pause", "--for=15m", "--data-dir", data))
                    .contains("policy asks for a reason");
            assertThat(typed("15", pause)).contains("Paused until ");
            assertThat(Objects.requireNonNull(allowed(agent)).until()).isNotNull();
            assertThat(arrived(agent)).contains(secret);
            AgentProcess.Result resumed = AgentProcess.run(folder, "resume", "--data-dir", data);
            assertThat(resumed.out()).contains("Inspection goes on.");
            assertThat(arrived(agent)).contains("[SECRET-1]").doesNotContain(secret);
        }
    }

    /** What a command shows at a terminal where somebody types a line. */
    private String typed(String line, String... arguments) throws Exception {
        StringBuilder command = new StringBuilder();
        command.append('\'')
                .append(Path.of(System.getProperty("java.home"), "bin", "java"))
                .append("' -XX:TieredStopAtLevel=1 -cp \"$CHAPERONE_CLASSES\" ")
                .append(AgentMain.class.getName());
        for (String argument : arguments) {
            command.append(" '").append(argument).append('\'');
        }
        ProcessBuilder builder =
                new ProcessBuilder("/usr/bin/script", "-qec", command.toString(), "/dev/null")
                        .redirectErrorStream(true);
        builder.environment().put("CHAPERONE_CLASSES", System.getProperty("java.class.path"));
        Process process = builder.start();
        process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
        String shown = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return shown;
    }
}
