// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server;

import dev.chaperone.server.http.RawBodies;
import dev.chaperone.server.http.Replies;
import dev.chaperone.server.http.ServerTls;
import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import java.net.URI;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The two listeners (DESIGN §4.6): console, REST and enrolment, which asks for no client
 * certificate; and the agents', which asks for one and leaves the verdict to the handler.
 */
final class Listeners implements AutoCloseable {
    private static final String AGENTS = "agents";
    private static final Duration IDLE = Duration.ofMinutes(2);
    private static final Duration GRACE = Duration.ofSeconds(3);
    private static final int MAX_CONNECTIONS = 10_000;

    private final ServerOptions options;
    private final ServerTls tls;
    private final String publicHost;
    private @Nullable WebServer server;

    Listeners(ServerOptions options, ServerTls tls) throws StartException {
        this.options = options;
        this.tls = tls;
        this.publicHost = Names.publicHost(options);
    }

    /**
     * Listens.
     *
     * @throws StartException when a port is taken or an address is not ours
     */
    void start(Consumer<HttpRouting.Builder> console, Consumer<HttpRouting.Builder> agents)
            throws StartException {
        var builder = WebServer.builder().shutdownHook(false).featuresDiscoverServices(false);
        configure(builder, options.listen(), false);
        builder.routing(routing -> install(routing, console));
        builder.putSocket(
                AGENTS,
                socket -> {
                    configure(socket, options.agentsListen(), true);
                    socket.routing(routing -> install(routing, agents));
                });
        WebServer built = builder.build();
        if (!listens(built)) {
            built.stop();
            throw new StartException(
                    "cannot listen on "
                            + options.listen()
                            + " or "
                            + options.agentsListen()
                            + ": a port is taken or an address is not ours; stop what has it, or"
                            + " give others with --listen and --agents-listen");
        }
        server = built;
    }

    /** Helidon logs a port that is taken, ends what it began, and returns all the same. */
    private static boolean listens(WebServer built) {
        try {
            built.start();
            return built.isRunning() && built.port() > 0 && built.port(AGENTS) > 0;
        } catch (RuntimeException e) {
            return false;
        }
    }

    private void configure(
            ListenerConfig.BuilderBase<?, ?> listener, HostPort where, boolean askForClient) {
        listener.host(where.host());
        listener.port(where.port());
        listener.tls(tls.listener(askForClient));
        listener.idleConnectionTimeout(IDLE);
        listener.maxTcpConnections(MAX_CONNECTIONS);
        listener.shutdownGracePeriod(GRACE);
        listener.contentEncoding(new RawBodies());
        listener.directHandlers(Replies.direct());
    }

    private static void install(HttpRouting.Builder routing, Consumer<HttpRouting.Builder> routes) {
        routes.accept(routing);
        Replies.install(routing);
    }

    /** Base address of the console listener, as others reach it. */
    URI console() {
        return new HostPort(publicHost, started().port()).https();
    }

    /** Base address of the agents' listener, as others reach it. */
    URI agents() {
        return new HostPort(publicHost, started().port(AGENTS)).https();
    }

    private WebServer started() {
        WebServer running = server;
        if (running == null) {
            throw new IllegalStateException("not listening yet");
        }
        return running;
    }

    @Override
    public void close() {
        if (server != null) {
            server.stop();
        }
    }
}
