// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.demo;

import dev.chaperone.agent.AgentMain;
import dev.chaperone.agent.demo.DemoExchange.Expected;
import dev.chaperone.agent.os.FileKeyVault;
import dev.chaperone.agent.store.EventReader;
import dev.chaperone.model.event.Event;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The demonstration: client, agent and stand-in are three processes; what the agent decided is held
 * against the stand-in's own record of what arrived.
 */
public final class Demo {
    private static final int EVENT_MILLIS = 1500;

    private final PrintWriter out;
    private final DemoTable table;
    private final @Nullable Path policy;
    private final long seed;

    /**
     * @param policy policy file for the agent, or null for the shipped baseline
     * @param colour whether {@code out} is a terminal
     */
    public Demo(PrintWriter out, boolean colour, @Nullable Path policy, long seed) {
        this.out = out;
        this.table = new DemoTable(out, colour);
        this.policy = policy;
        this.seed = seed;
    }

    /** Runs it in a scratch folder; true when every expectation held. */
    public boolean run(Path scratch) throws IOException, InterruptedException {
        List<DemoExchange> exchanges = new ArrayList<>(DemoExchanges.of(seed));
        Path rules = policy == null ? DemoPolicy.write(scratch.resolve("demo.yaml")) : policy;
        Path standInFolder = Files.createDirectories(scratch.resolve("stand-in"));
        Path agentFolder = scratch.resolve("agent");
        try (DemoProcess standIn = standIn(scratch, standInFolder);
                @Nullable DemoServer server = DemoServer.start(scratch).orElse(null)) {
            if (server == null) {
                out.println("server: not at hand here; the agent works alone");
            } else {
                join(server, scratch, agentFolder, rules);
            }
            int port = Integer.parseInt(standIn.line().replaceAll(".* ", ""));
            try (DemoProcess agent =
                            agent(
                                    scratch,
                                    agentFolder,
                                    standInFolder,
                                    port,
                                    exchanges,
                                    server == null ? rules : null);
                    @Nullable DemoUi ui = DemoUi.start(scratch, agentFolder).orElse(null)) {
                String ready = agent.line();
                Files.writeString(standInFolder.resolve("agent.pid"), Long.toString(agent.pid()));
                out.println(
                        table.paint(
                                "2",
                                "stand-in: process "
                                        + standIn.pid()
                                        + "  ·  agent: process "
                                        + agent.pid()
                                        + "  ·  "
                                        + ready));
                attend(ui, exchanges);
                if (server != null && !server.awaitPolicy(agentFolder)) {
                    throw new IOException("the server's policy did not arrive");
                }
                String proxyPort = ready.replaceAll(".*:(\\d+) ca=.*", "$1");
                try (DemoProcess client = client(scratch, proxyPort, agentFolder, standInFolder)) {
                    boolean held =
                            all(
                                    exchanges,
                                    client,
                                    agentFolder,
                                    standInFolder.resolve("received.log"));
                    client.stop();
                    boolean reported = server == null || report(server, scratch, agentFolder);
                    boolean cleanStop = agent.stop() == 0;
                    return held && reported && cleanStop;
                }
            }
        }
    }

    /** Waits for the person's interface; without one nobody can be asked. */
    private void attend(@Nullable DemoUi ui, List<DemoExchange> exchanges)
            throws IOException, InterruptedException {
        if (ui == null) {
            out.println("user interface: not at hand here; nobody is asked");
            exchanges.removeIf(e -> e.expected() == Expected.ASKED);
        } else {
            out.println(table.paint("2", ui.ready() + "  ·  a robot presses its buttons"));
        }
    }

    /** Enrols the agent before it starts and publishes the policy that it then gets. */
    private void join(DemoServer server, Path scratch, Path agentFolder, Path rules)
            throws IOException, InterruptedException {
        out.println(table.paint("2", server.ready()));
        Files.createDirectories(
                agentFolder,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        server.enrol(agentFolder);
        server.publish(rules, scratch.resolve("publish.err"));
    }

    /** What an administrator sees of it: everything delivered, then the report. */
    private boolean report(DemoServer server, Path scratch, Path agentFolder)
            throws IOException, InterruptedException {
        boolean delivered = server.awaitDelivery(agentFolder);
        out.println();
        out.println(
                table.paint(
                        "1",
                        "What the administrator sees: chaperone report usage --by service"
                                + " (a real server shows no row of fewer than five people)"));
        try (DemoProcess usage =
                        server.report(scratch.resolve("report.err"), "usage", "--by", "service");
                DemoProcess leaks = server.report(scratch.resolve("leaks.err"), "leaks")) {
            usage.rest().forEach(out::println);
            out.println();
            leaks.rest().forEach(out::println);
            delivered &= usage.stopped() == 0 && leaks.stopped() == 0;
        }
        if (!delivered) {
            out.println(
                    table.paint(
                            "31;1",
                            "not every event reached the server, or a report could not be made"));
        }
        out.flush();
        return delivered;
    }

    private DemoProcess standIn(Path scratch, Path folder) throws IOException {
        return DemoProcess.java(
                scratch.resolve("stand-in.err"),
                List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                StandIn.class.getName(),
                List.of(folder.toString()));
    }

    private DemoProcess client(Path scratch, String proxyPort, Path agentFolder, Path standInFolder)
            throws IOException {
        return DemoProcess.java(
                scratch.resolve("client.err"),
                List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                DemoClient.class.getName(),
                List.of(
                        proxyPort,
                        Long.toString(seed),
                        agentFolder.resolve("ca.pem").toString(),
                        standInFolder.resolve("ca.pem").toString()));
    }

    private DemoProcess agent(
            Path scratch,
            Path folder,
            Path standInFolder,
            int port,
            List<DemoExchange> exchanges,
            @Nullable Path rules)
            throws IOException {
        List<String> arguments =
                new ArrayList<>(List.of("run", "--listen", "127.0.0.1:0", "--no-ui"));
        arguments.addAll(List.of("--data-dir", folder.toString()));
        arguments.addAll(List.of("--upstream-ca", standInFolder.resolve("ca.pem").toString()));
        Set<String> hosts = new LinkedHashSet<>();
        exchanges.forEach(e -> hosts.add(e.host()));
        hosts.forEach(h -> arguments.addAll(List.of("--connect-to", h + ":443:127.0.0.1:" + port)));
        if (rules != null) {
            arguments.addAll(List.of("--policy", rules.toString()));
        }
        // The agent runs with the flags this process was started with: those that ship.
        List<String> jvm = ManagementFactory.getRuntimeMXBean().getInputArguments();
        return DemoProcess.java(
                scratch.resolve("agent.err"), jvm, AgentMain.class.getName(), arguments);
    }

    private boolean all(
            List<DemoExchange> exchanges, DemoProcess client, Path agentFolder, Path log)
            throws IOException, InterruptedException {
        EventReader reader =
                new EventReader(agentFolder, new FileKeyVault(agentFolder.resolve("keys")));
        table.head();
        long lastSeq = 0;
        int asExpected = 0;
        int leaked = 0;
        Set<String> unread = new LinkedHashSet<>();
        for (DemoExchange exchange : exchanges) {
            client.say(Integer.toString(exchange.id()));
            String[] answer = client.line().split("\t", -1);
            Optional<Event> event = event(reader, lastSeq, exchange);
            lastSeq = event.map(Event::seq).orElse(lastSeq);
            Optional<byte[]> received = awaitReceived(log, exchange);
            boolean leak = received.isPresent() && ReceivedBytes.leaks(exchange, received.get());
            boolean held = !leak && Oracle.held(exchange, answer, event, received);
            event.ifPresent(e ->
                    e.notInspected()
                            .keySet()
                            .forEach(r ->
                                    unread.add(
                                            exchange.title() + " (" + r.replace('_', ' ') + ")")));
            table.exchange(exchange, event, Oracle.verdict(exchange, received, leak), held);
            asExpected += held ? 1 : 0;
            leaked += leak ? 1 : 0;
        }
        summary(exchanges.size(), asExpected, leaked, unread);
        return asExpected == exchanges.size();
    }

    private void summary(int all, int asExpected, int leaked, Set<String> unread) {
        out.println();
        out.println(
                table.paint(
                        asExpected == all ? "32;1" : "31;1",
                        asExpected
                                + " of "
                                + all
                                + " exchanges as expected; "
                                + leaked
                                + " leaked a sensitive value."));
        out.println("not inspected: " + (unread.isEmpty() ? "nothing" : String.join("; ", unread)));
        out.flush();
    }

    private Optional<Event> event(EventReader reader, long lastSeq, DemoExchange exchange)
            throws IOException, InterruptedException {
        long until =
                System.nanoTime()
                        + TimeUnit.MILLISECONDS.toNanos(
                                exchange.expected() == Expected.TUNNELLED ? 200 : EVENT_MILLIS);
        while (true) {
            List<Event> events =
                    reader.since(Instant.EPOCH, lastSeq).stream()
                            .filter(e -> e.host().equals(exchange.host()))
                            .toList();
            if (!events.isEmpty()) {
                return Optional.of(events.getLast());
            }
            if (System.nanoTime() > until) {
                return Optional.empty();
            }
            TimeUnit.MILLISECONDS.sleep(15);
        }
    }

    private static Optional<byte[]> awaitReceived(Path log, DemoExchange exchange)
            throws IOException, InterruptedException {
        for (int i = 0; i < 20; i++) {
            Optional<byte[]> received = ReceivedBytes.of(log, exchange.id());
            if (received.isPresent() || exchange.expected() == Expected.REFUSED && i > 3) {
                return received;
            }
            TimeUnit.MILLISECONDS.sleep(25);
        }
        return Optional.empty();
    }
}
