// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.agent.demo.StandIn;
import dev.chaperone.agent.os.FileKeyVault;
import dev.chaperone.agent.sync.Enroller;
import dev.chaperone.model.sync.EnrolmentToken;
import dev.chaperone.server.ServerMain;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * Server, agent and user interface, each a process of its own that can be killed, and a stand-in
 * for the AI service whose log is the oracle.
 */
final class WholeProduct implements AutoCloseable {
    static final String HOST = "api.openai.com";
    static final String CHAT = "/v1/chat/completions";

    /** What the stand-in received, a request each, as it came. */
    final BlockingQueue<byte[]> received = new LinkedBlockingQueue<>();

    private final Path folder;
    private final StandIn standIn;
    private final int consolePort;
    private final int agentsPort;
    private @Nullable AgentProcess server;
    private @Nullable AgentProcess agent;
    private @Nullable AgentProcess ui;
    private @Nullable ProxyClient client;

    WholeProduct(Path folder) throws Exception {
        this.folder = folder;
        try (ServerSocket a = new ServerSocket(0);
                ServerSocket b = new ServerSocket(0)) {
            consolePort = a.getLocalPort();
            agentsPort = b.getLocalPort();
        }
        Path standInFolder = Files.createDirectories(folder.resolve("stand-in"));
        standIn = new StandIn(standInFolder, received::add);
        Thread.ofPlatform().daemon().start(standIn::serve);
    }

    Path data() {
        return folder.resolve("agent");
    }

    Path serverData() {
        return folder.resolve("server");
    }

    AgentProcess server() {
        return java.util.Objects.requireNonNull(server);
    }

    AgentProcess agent() {
        return java.util.Objects.requireNonNull(agent);
    }

    AgentProcess ui() {
        return java.util.Objects.requireNonNull(ui);
    }

    void startServer() throws Exception {
        server =
                AgentProcess.start(
                        folder,
                        ServerMain.class.getName(),
                        List.of(),
                        List.of(),
                        List.of(),
                        "server",
                        "--data-dir",
                        serverData().toString(),
                        "--listen",
                        "127.0.0.1:" + consolePort,
                        "--agents-listen",
                        "127.0.0.1:" + agentsPort,
                        "--group",
                        "sales",
                        "--minimum-group",
                        "1");
        server.awaitLine("chaperone-server: ready");
    }

    void enrol() throws Exception {
        String token =
                server().awaitLine("enrolment token: ").substring("enrolment token: ".length());
        Path data = Files.createDirectories(data());
        Enroller.enrol(
                EnrolmentToken.parse(token.strip()),
                data,
                new FileKeyVault(data.resolve("keys")),
                Optional.empty());
    }

    void startAgent(String... more) throws Exception {
        startAgent(List.of(), more);
    }

    void startAgent(List<String> prefix, String... more) throws Exception {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "run",
                                "--no-ui",
                                "--listen",
                                "127.0.0.1:0",
                                "--data-dir",
                                data().toString(),
                                "--connect-to",
                                ":443:127.0.0.1:" + standIn.port(),
                                "--upstream-ca",
                                folder.resolve("stand-in/ca.pem").toString()));
        arguments.addAll(List.of(more));
        agent =
                AgentProcess.start(
                        folder,
                        dev.chaperone.agent.AgentMain.class.getName(),
                        prefix,
                        List.of(),
                        List.of(),
                        arguments.toArray(String[]::new));
        client = ProxyClient.of(agent.readyPort(), data().resolve("ca.pem"));
    }

    /**
     * Starts the user interface without a screen, with a person who does the same with each card.
     *
     * @param person {@code redact}, {@code cancel} or {@code nothing}
     */
    void startUi(String person) throws Exception {
        ui = ui(folder, List.of(), List.of(), data().resolve("agent.sock"), person);
    }

    /** A user interface as a process of its own; it takes questions when this returns. */
    static AgentProcess ui(
            Path folder, List<String> prefix, List<Path> classPath, Path socket, String person)
            throws Exception {
        AgentProcess ui =
                AgentProcess.start(
                        folder,
                        "dev.chaperone.ui.launcher.UiMain",
                        prefix,
                        List.of(
                                "-Dglass.platform=Headless",
                                "-Dprism.order=sw",
                                "-Djava.awt.headless=true"),
                        classPath,
                        "--socket",
                        socket.toString(),
                        "--no-tray",
                        "--language",
                        "en",
                        "--person",
                        person);
        ui.awaitLine("chaperone-ui: ready");
        return ui;
    }

    /** Publishes a policy: an agent that starts then asks for it at once. */
    void publish(String yaml) throws Exception {
        Path file = Files.writeString(folder.resolve("published.yaml"), yaml);
        admin("admin", "publish", file.toString());
    }

    /** Waits until the agent has a version in force. */
    void awaitPolicy(int version) throws Exception {
        awaitTrue(
                "version " + version + " in force",
                () ->
                        Files.exists(data().resolve("sync-status.json"))
                                && Files.readString(data().resolve("sync-status.json"))
                                        .contains("\"policyVersion\":" + version));
    }

    /** What a command of the administrator prints. */
    String admin(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--data-dir", serverData().toString()));
        int status =
                ServerMain.commandLine()
                        .setOut(new PrintWriter(out))
                        .setErr(new PrintWriter(err))
                        .execute(all.toArray(String[]::new));
        assertThat(status).as(err.toString()).isZero();
        return out.toString();
    }

    /** Sends a chat message through the agent; status, head and body of the answer as one text. */
    String post(String content) throws IOException {
        try (SSLSocket socket = java.util.Objects.requireNonNull(client).open(HOST)) {
            return AgentUnderTest.post(socket, HOST, CHAT, "", CoachedAgent.body(content));
        }
    }

    /** The same, with the answer as a stream of events. */
    String stream(String content) throws IOException {
        String body =
                new String(CoachedAgent.body(content), StandardCharsets.UTF_8)
                        .replaceFirst("\\{", "{\"stream\":true,");
        try (SSLSocket socket = java.util.Objects.requireNonNull(client).open(HOST)) {
            return AgentUnderTest.post(
                    socket, HOST, CHAT, "", body.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Everything the stand-in received by now. */
    List<String> arrived() {
        return received.stream().map(b -> new String(b, StandardCharsets.UTF_8)).toList();
    }

    /** One number from the server's database. */
    long stored(String query) throws Exception {
        return number(serverData().resolve("server.db"), query);
    }

    /** The last number that is durable on the device, an event's or a loss's. */
    long spooled() throws Exception {
        return number(
                data().resolve("events.db"),
                "select max((select coalesce(max(seq), 0) from events),"
                        + " (select coalesce(max(to_seq), 0) from losses))");
    }

    private static long number(Path database, String query) throws Exception {
        try (Connection c = DriverManager.getConnection("jdbc:sqlite:" + database);
                ResultSet row = c.createStatement().executeQuery(query)) {
            return row.next() ? row.getLong(1) : 0;
        }
    }

    /** A condition that another process brings about. */
    interface Condition {
        boolean holds() throws Exception;
    }

    static void awaitTrue(String what, Condition condition) throws Exception {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as(what).isLessThan(until);
            TimeUnit.MILLISECONDS.sleep(30); // another process: nothing to wait on
        }
    }

    @Override
    public void close() throws IOException {
        for (AgentProcess process : new @Nullable AgentProcess[] {ui, agent, server}) {
            if (process != null) {
                process.close();
            }
        }
        standIn.close();
    }
}
