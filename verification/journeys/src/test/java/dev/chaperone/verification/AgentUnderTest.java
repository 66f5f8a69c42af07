// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import dev.chaperone.agent.Agent;
import dev.chaperone.agent.AgentOptions;
import dev.chaperone.agent.cli.DoctorCommand;
import dev.chaperone.agent.config.AgentConfig;
import dev.chaperone.agent.demo.StandIn;
import dev.chaperone.agent.os.FileKeyVault;
import dev.chaperone.agent.store.EventReader;
import dev.chaperone.inspector.ProxySettings.ConnectTo;
import dev.chaperone.model.event.Event;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** The real agent between a JDK-socket client and a JDK-socket stand-in, in one process. */
final class AgentUnderTest implements AutoCloseable {
    final BlockingQueue<byte[]> received = new LinkedBlockingQueue<>();
    private final @Nullable StandIn standIn;
    private final Agent agent;
    private final Path data;
    private final ProxyClient client;

    /** With the stand-in of the demonstration behind it, for every host. */
    AgentUnderTest(Path folder, Optional<Path> policy) throws Exception {
        this(folder, policy, AgentConfig.DEFAULTS.decisionTimeout());
    }

    /** With the stand-in of the demonstration behind it, and a limit for decisions. */
    AgentUnderTest(Path folder, Optional<Path> policy, Duration decisionTimeout) throws Exception {
        Path standInFolder = Files.createDirectories(folder.resolve("stand-in"));
        StandIn own = new StandIn(standInFolder, received::add);
        Thread.ofPlatform().daemon().start(own::serve);
        Path ca = standInFolder.resolve("ca.pem");
        this.standIn = own;
        this.data = folder.resolve("agent");
        this.agent =
                start(
                        policy,
                        data,
                        List.of(new ConnectTo("", 443, "127.0.0.1", own.port())),
                        ca,
                        decisionTimeout);
        this.client = ProxyClient.of(agent.address().getPort(), data.resolve("ca.pem"), ca);
    }

    /**
     * With upstreams of the test's own.
     *
     * @param upstreamCa what the agent trusts besides the system's anchors
     */
    AgentUnderTest(Path folder, Optional<Path> policy, List<ConnectTo> upstreams, Path upstreamCa)
            throws Exception {
        this.standIn = null;
        this.data = folder.resolve("agent");
        this.agent =
                start(policy, data, upstreams, upstreamCa, AgentConfig.DEFAULTS.decisionTimeout());
        this.client = ProxyClient.of(agent.address().getPort(), data.resolve("ca.pem"));
    }

    private static Agent start(
            Optional<Path> policy,
            Path data,
            List<ConnectTo> upstreams,
            Path upstreamCa,
            Duration decisionTimeout)
            throws Exception {
        AgentConfig d = AgentConfig.DEFAULTS;
        AgentConfig config =
                new AgentConfig(
                        new AgentConfig.HostPort("127.0.0.1", 0),
                        false,
                        d.maxInspectedBody(),
                        decisionTimeout,
                        d.connectTimeout(),
                        d.drainTimeout(),
                        true,
                        true,
                        true,
                        Optional.empty(),
                        policy,
                        List.of(),
                        Optional.empty(),
                        false,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        List.of());
        return Agent.start(new AgentOptions(config, data, upstreams, List.of(upstreamCa)));
    }

    int standInPort() {
        return Objects.requireNonNull(standIn).port();
    }

    Path data() {
        return data;
    }

    /** A connection to a host through the agent, with this ALPN offer or none. */
    SSLSocket open(String host, String... alpn) throws IOException {
        return client.open(host, alpn);
    }

    /** A connection to the proxy port itself. */
    Socket plain() throws IOException {
        return client.plain();
    }

    /** Sends a POST with further header lines; returns status and body as one text. */
    static String post(SSLSocket socket, String host, String path, String moreHeaders, byte[] body)
            throws IOException {
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(
                ("POST "
                                + path
                                + " HTTP/1.1\r\nHost: "
                                + host
                                + "\r\n"
                                + (moreHeaders.contains("Content-Type")
                                        ? ""
                                        : "Content-Type: application/json\r\n")
                                + moreHeaders
                                + "Content-Length: "
                                + body.length
                                + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        request.writeBytes(body);
        socket.getOutputStream().write(request.toByteArray());
        socket.getOutputStream().flush();
        return answer(socket.getInputStream());
    }

    static String answer(InputStream in) throws IOException {
        String head = head(in);
        String lower = head.toLowerCase(Locale.ROOT);
        if (lower.contains("transfer-encoding: chunked")) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            int n;
            do {
                n = Integer.parseInt(line(in).strip(), 16);
                all.writeBytes(in.readNBytes(n));
                line(in);
            } while (n > 0);
            return head + all.toString(StandardCharsets.UTF_8);
        }
        int at = lower.indexOf("content-length:");
        int length =
                at < 0
                        ? 0
                        : Integer.parseInt(
                                lower.substring(at + 15, lower.indexOf('\r', at)).strip());
        return head + new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }

    static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (true) {
            String line = line(in);
            head.append(line);
            if (line.isBlank()) {
                return head.toString();
            }
        }
    }

    static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int b = in.read();
        while (b >= 0 && b != '\n') {
            line.write(b);
            b = in.read();
        }
        if (b < 0 && line.size() == 0) {
            throw new IOException("closed");
        }
        return line.toString(StandardCharsets.ISO_8859_1) + "\n";
    }

    /** The next request that arrived upstream; an empty array when none does within a second. */
    byte[] nextReceived() throws InterruptedException {
        byte[] next = received.poll(1, TimeUnit.SECONDS);
        return next == null ? new byte[0] : next;
    }

    /** What {@code doctor --json} prints for this agent. */
    String doctor() {
        return doctor(data);
    }

    static String doctor(Path data) {
        StringWriter out = new StringWriter();
        new CommandLine(new DoctorCommand())
                .setOut(new PrintWriter(out))
                .execute("--json", "--data-dir", data.toString());
        return out.toString();
    }

    /** Every event that is stored so far. */
    List<Event> events() throws Exception {
        return new EventReader(data, new FileKeyVault(data.resolve("keys")))
                .since(Instant.EPOCH, 0);
    }

    /** Waits for an event. */
    Event awaitEvent(Predicate<Event> wanted) throws Exception {
        return awaitEvent(data, wanted);
    }

    static Event awaitEvent(Path data, Predicate<Event> wanted) throws Exception {
        EventReader reader = new EventReader(data, new FileKeyVault(data.resolve("keys")));
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (System.nanoTime() < until) {
            Optional<Event> found =
                    reader.since(Instant.EPOCH, 0).stream()
                            .filter(wanted)
                            .reduce((_, last) -> last);
            if (found.isPresent()) {
                return found.get();
            }
            TimeUnit.MILLISECONDS.sleep(20); // the store commits in groups of 50 ms
        }
        throw new AssertionError("no such event");
    }

    @Override
    public void close() throws IOException {
        agent.close();
        if (standIn != null) {
            standIn.close();
        }
    }
}
