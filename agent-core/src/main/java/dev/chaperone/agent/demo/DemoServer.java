// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.demo;

import dev.chaperone.agent.os.FileKeyVault;
import dev.chaperone.agent.store.EventSpool;
import dev.chaperone.agent.sync.Enroller;
import dev.chaperone.agent.sync.ServerRefusedException;
import dev.chaperone.agent.sync.SyncStatus;
import dev.chaperone.model.sync.EnrolmentToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The company's server in the demonstration, a process of its own started from the server's own
 * class path: the agent's code does not depend on it.
 */
final class DemoServer implements AutoCloseable {
    private static final String MAIN = "dev.chaperone.server.ServerMain";
    private static final int SYNC_SECONDS = 15;

    private final Path home;
    private final Path folder;
    private final DemoProcess process;
    private final String ready;
    private final EnrolmentToken token;

    private DemoServer(
            Path home, Path folder, DemoProcess process, String ready, EnrolmentToken token) {
        this.home = home;
        this.folder = folder;
        this.process = process;
        this.ready = ready;
        this.token = token;
    }

    /**
     * Starts it.
     *
     * @param scratch folder for its data and what it says on standard error
     * @return empty where the server's jars are not at hand (a packaged agent)
     */
    static Optional<DemoServer> start(Path scratch) throws IOException, InterruptedException {
        String home = System.getenv("CHAPERONE_HOME");
        if (home == null || !Files.isDirectory(Path.of(home, "server", "target", "lib"))) {
            return Optional.empty();
        }
        Path folder = scratch.resolve("server");
        DemoProcess process =
                run(
                        Path.of(home),
                        scratch.resolve("server.err"),
                        List.of(
                                "server",
                                "--data-dir",
                                folder.toString(),
                                "--listen",
                                "127.0.0.1:0",
                                "--agents-listen",
                                "127.0.0.1:0",
                                "--group",
                                "Demonstration",
                                // One person at the keyboard: a real server keeps five.
                                "--minimum-group",
                                "1"));
        try {
            String ready = process.line();
            process.line(); // the admin link
            String token = process.line().replaceFirst("^enrolment token: ", "");
            return Optional.of(
                    new DemoServer(
                            Path.of(home), folder, process, ready, EnrolmentToken.parse(token)));
        } catch (IOException | IllegalArgumentException e) {
            process.close();
            throw new IOException("the server of the demonstration did not start", e);
        }
    }

    private static DemoProcess run(Path home, Path errors, List<String> arguments)
            throws IOException {
        return DemoProcess.java(
                errors,
                List.of("@" + home.resolve("server/src/main/jvm/flags")),
                home.resolve("server/target/lib") + "/*",
                MAIN,
                arguments);
    }

    /** Where it listens, as it said itself. */
    String ready() {
        return "server: process " + process.pid() + "  ·  " + ready;
    }

    /**
     * Publishes a policy, which every enrolled device then takes.
     *
     * @param policy its file
     */
    void publish(Path policy, Path errors) throws IOException, InterruptedException {
        try (DemoProcess admin =
                run(
                        home,
                        errors,
                        List.of(
                                "admin",
                                "publish",
                                policy.toString(),
                                "--data-dir",
                                folder.toString()))) {
            if (admin.stopped() != 0) {
                throw new IOException("the policy could not be published: see the server's words");
            }
        }
    }

    /** Joins the agent of this data folder, which then holds a client certificate. */
    void enrol(Path agentFolder) throws IOException, InterruptedException {
        try {
            Enroller.enrol(
                    token,
                    agentFolder,
                    new FileKeyVault(agentFolder.resolve("keys")),
                    Optional.empty());
        } catch (ServerRefusedException e) {
            throw new IOException("the agent could not be enrolled: " + e.getMessage(), e);
        }
    }

    /** Waits until the agent has delivered everything; false when it took too long. */
    boolean awaitDelivery(Path agentFolder) throws IOException, InterruptedException {
        try (EventSpool spool =
                new EventSpool(agentFolder, new FileKeyVault(agentFolder.resolve("keys")))) {
            return await(() -> spool.delivered().seq() == spool.last() && spool.next().isEmpty());
        }
    }

    /** Waits until the agent has the published policy in force. */
    boolean awaitPolicy(Path agentFolder) throws IOException, InterruptedException {
        return await(
                () -> SyncStatus.read(agentFolder).filter(s -> s.policyVersion() > 0).isPresent());
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private static boolean await(Condition condition) throws IOException, InterruptedException {
        for (int i = 0; i < SYNC_SECONDS * 20; i++) {
            if (condition.holds()) {
                return true;
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
        return false;
    }

    /** {@code chaperone report …} against this server, started. */
    DemoProcess report(Path errors, String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of("report"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--data-dir", folder.toString()));
        return run(home, errors, all);
    }

    int stop() throws InterruptedException {
        return process.stop();
    }

    @Override
    public void close() {
        process.close();
    }
}
