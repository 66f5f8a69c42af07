// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.cli;

import dev.chaperone.server.HostPort;
import dev.chaperone.server.Server;
import dev.chaperone.server.ServerFolder;
import dev.chaperone.server.ServerOptions;
import dev.chaperone.server.StartException;
import dev.chaperone.server.enrol.Tokens;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code chaperone server}: the server in the foreground. */
@Command(
        name = "server",
        description = "Runs the server in the foreground until it is told to stop.",
        mixinStandardHelpOptions = true)
public final class ServerCommand implements Callable<Integer> {
    @Option(names = "--data-dir", paramLabel = "DIR", description = "Data folder.")
    private @Nullable Path dataDir;

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:8443",
            description = "Console, REST and enrolment (${DEFAULT-VALUE}).")
    private String listen = "";

    @Option(
            names = "--agents-listen",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:8444",
            description = "Enrolled devices (${DEFAULT-VALUE}).")
    private String agentsListen = "";

    @Option(
            names = "--public-host",
            paramLabel = "NAME",
            description = "Name or address that devices reach it by; stands in tokens.")
    private @Nullable String publicHost;

    @Option(
            names = "--token-uses",
            paramLabel = "N",
            defaultValue = "1",
            description = "Devices that may enrol with the token (${DEFAULT-VALUE}).")
    private int tokenUses;

    @Option(
            names = "--token-ttl",
            paramLabel = "DURATION",
            defaultValue = "24h",
            converter = Durations.class,
            description = "How long the token serves (${DEFAULT-VALUE}).")
    private Duration tokenTtl = Duration.ZERO;

    @Option(names = "--group", paramLabel = "NAME", description = "Group of these devices.")
    private @Nullable String group;

    @Option(names = "--new-token", description = "Print another enrolment token.")
    private boolean newToken;

    @Option(names = "--new-link", description = "Print another admin link.")
    private boolean newLink;

    @Option(
            names = "--retention",
            paramLabel = "DURATION",
            defaultValue = "90d",
            converter = Durations.class,
            description = "How long events are kept (${DEFAULT-VALUE}).")
    private Duration retention = Duration.ZERO;

    @Option(
            names = "--minimum-group",
            paramLabel = "N",
            defaultValue = "5",
            description =
                    "People a row of a report must stand for (${DEFAULT-VALUE}); less is for"
                            + " trials, and stands on each report.")
    private int minimumGroup;

    @Option(
            names = "--service",
            paramLabel = "FILE",
            description =
                    "A catalogue file of a service of the company's own, which devices may then"
                            + " open; may be given more than once.")
    private List<Path> services = new ArrayList<>();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        ServerOptions options = options();
        Server server;
        try {
            server = Server.start(options, InstantSource.system());
        } catch (StartException e) {
            spec.commandLine().getErr().println("chaperone: " + e.getMessage());
            return ExitStatus.ENVIRONMENT;
        }
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(
                                () -> {
                                    server.close();
                                    stopped.countDown();
                                    // The status of a JVM that a signal ends is 128 + its number; a
                                    // clean stop is 0.
                                    Runtime.getRuntime().halt(ExitStatus.DONE);
                                },
                                "stop"));
        announce(server, spec.commandLine().getOut());
        stopped.await();
        return ExitStatus.DONE;
    }

    private static void announce(Server server, PrintWriter out) {
        out.println(
                "chaperone-server: ready on " + server.console() + " agents=" + server.agents());
        server.adminLink().ifPresent(link -> out.println("admin link: " + link));
        server.token().ifPresent(token -> out.println("enrolment token: " + token.text()));
        out.flush();
    }

    private ServerOptions options() {
        try {
            return new ServerOptions(
                    ServerFolder.resolve(dataDir),
                    HostPort.parse(listen),
                    HostPort.parse(agentsListen),
                    Optional.ofNullable(publicHost),
                    new Tokens.Terms(tokenUses, tokenTtl, group),
                    newToken,
                    newLink,
                    retention,
                    minimumGroup,
                    services);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
        }
    }
}
