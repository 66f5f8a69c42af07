// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import dev.chaperone.inspector.PromptGate;
import dev.chaperone.inspector.ProxySettings;
import dev.chaperone.inspector.Refusal;
import dev.chaperone.inspector.Restoration;
import dev.chaperone.inspector.Verdict;
import dev.chaperone.inspector.catalogue.Catalogue;
import dev.chaperone.inspector.tls.OpenHosts;
import dev.chaperone.inspector.tls.TlsEngines;
import dev.chaperone.inspector.tls.UpstreamTrust;
import dev.chaperone.model.prompt.Answer;
import dev.chaperone.model.prompt.ClientProcess;
import dev.chaperone.model.prompt.Exchange;
import dev.chaperone.model.prompt.NotInspected;
import dev.chaperone.model.prompt.Prompt;
import dev.chaperone.model.service.AiService;
import dev.chaperone.pki.DeviceRoot;
import dev.chaperone.pki.Pem;
import dev.chaperone.pki.ServiceCertificates;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The product's own pipelines between two {@link EmbeddedChannel}s, all on the test's thread: bytes
 * of a client in, bytes to the service out, and back. Only the sockets, the thread of a decision
 * and the gate are replaced. Inside the tunnel HTTP is plain, so that no TLS record hides a cut.
 *
 * <p>{@link #finish} proves that nothing reached the end of a pipeline and that every buffer was
 * released: both channels allocate from one allocator that counts.
 */
final class EmbeddedProxy {
    static final Refusal REFUSAL = new Refusal("r-1", "not sent", "CHP-POL-001");

    /** What the gate was asked. */
    record Asked(String service, String endpoint, Prompt prompt) {}

    interface Gate {
        Verdict decide(Exchange exchange, Prompt prompt);
    }

    /** What is costly and holds no state of a connection. */
    static final class World {
        final Catalogue catalogue;
        private final OpenHosts hosts;
        private final TlsEngines engines;
        private final ServiceCertificates certificates;
        private final Path bundle;

        World(Catalogue catalogue, Path folder) throws Exception {
            this.catalogue = catalogue;
            this.hosts =
                    new OpenHosts(
                            catalogue,
                            catalogue.services().stream().map(AiService::id).toList(),
                            List.of(),
                            _ -> false);
            DeviceRoot root = DeviceRoot.create("Chaperone", Instant.now());
            this.bundle =
                    Files.writeString(
                            folder.resolve("up.pem"),
                            Pem.encode(DeviceRoot.create("Upstream", Instant.now()).certificate()));
            this.certificates = new ServiceCertificates(root, InstantSource.system());
            this.engines =
                    new TlsEngines(
                            new UpstreamTrust(bundle, List.of(), () -> List.of(root.certificate())),
                            false);
        }
    }

    final List<Asked> asked = new ArrayList<>();
    final List<Answer> answers = new ArrayList<>();
    final List<String> failures = new ArrayList<>();
    Gate gate = (_, _) -> new Verdict.Forward();
    Restoration restoration = Restoration.NONE;

    /** Connections to the service wait until {@link #connectUpstream}. */
    boolean upstreamIsSlow;

    private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(false);
    private final List<Embedded> upstreams = new ArrayList<>();
    private final List<Runnable> connecting = new ArrayList<>();
    private final ProxyContext context;
    private final HeldExchanges held = new HeldExchanges();
    private final Embedded client;

    private EmbeddedProxy(World world, int maxBody) {
        ProxySettings settings =
                new ProxySettings(
                        "127.0.0.1",
                        0,
                        List.of(),
                        maxBody,
                        64 << 10,
                        Duration.ofSeconds(40),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(1),
                        false,
                        false,
                        true,
                        world.bundle,
                        List.of(),
                        java.util.Optional.empty(),
                        java.util.Optional.empty());
        this.context =
                new ProxyContext(
                        settings,
                        () -> world.hosts,
                        new RecordingGate(),
                        world.engines,
                        world.certificates,
                        this::connect,
                        (_, _) -> ClientProcess.UNKNOWN,
                        new OnThisThread(),
                        new AtomicLong(),
                        new ProxyCounters(),
                        new IssuedTokens());
        this.client = new Embedded();
        this.client.config().setAllocator(memory);
    }

    /** A connection that was just accepted. */
    static EmbeddedProxy accepted(World world, int maxBody) {
        EmbeddedProxy proxy = new EmbeddedProxy(world, maxBody);
        proxy.client.pipeline().addLast(new FrontHandler(proxy.context, proxy.held));
        return proxy;
    }

    /** A connection to a host of a service, after CONNECT was answered. */
    static EmbeddedProxy opened(
            World world, int maxBody, @Nullable AiService service, String host, int port) {
        EmbeddedProxy proxy = accepted(world, maxBody);
        if (!world.hosts.catalogue().servicesOn(host, port).isEmpty()) {
            String authority = host + ":" + port;
            proxy.send(
                    ("CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            if (!new String(proxy.received(), StandardCharsets.US_ASCII)
                    .equals("HTTP/1.1 200 Connection established\r\n\r\n")) {
                throw new AssertionError("CONNECT was not answered");
            }
            return proxy;
        }
        // A service that fits any host is opened where policy names the host.
        AiService known = Objects.requireNonNull(service);
        HostSession session =
                new HostSession(
                        proxy.context,
                        world.catalogue,
                        known,
                        host,
                        java.util.concurrent.CompletableFuture.completedFuture(
                                ClientProcess.UNKNOWN),
                        proxy.held);
        proxy.client.pipeline().removeFirst();
        proxy.client
                .pipeline()
                .addLast(new Interception(proxy.context, session, known, host, port));
        return proxy;
    }

    private Future<Channel> connect(
            EventLoop loop, String host, int port, Supplier<ChannelHandler> initial) {
        Promise<Channel> promise = loop.newPromise();
        Runnable connected =
                () -> {
                    Embedded upstream = new Embedded(initial.get());
                    upstream.config().setAllocator(memory);
                    upstreams.add(upstream);
                    promise.setSuccess(upstream);
                };
        if (upstreamIsSlow) {
            connecting.add(connected);
        } else {
            connected.run();
        }
        return promise;
    }

    // ---- the test's side

    /** One read of the client's bytes. */
    void send(byte[] bytes, int from, int to) {
        if (from < to && client.isOpen()) {
            client.writeInbound(buffer(bytes, from, to));
        }
        settle();
    }

    void send(byte[] bytes) {
        send(bytes, 0, bytes.length);
    }

    /** One read of the service's bytes. */
    void answer(byte[] bytes, int from, int to) {
        if (from < to && upstream().isOpen()) {
            upstream().writeInbound(buffer(bytes, from, to));
        }
        settle();
    }

    void answer(byte[] bytes) {
        answer(bytes, 0, bytes.length);
    }

    /** The service's connection ends. */
    void upstreamCloses() {
        upstream().close();
        settle();
    }

    void connectUpstream() {
        List.copyOf(connecting).forEach(Runnable::run);
        connecting.clear();
        settle();
    }

    /** What reached the client since the last call. */
    byte[] received() {
        return drain(client);
    }

    /** What reached the service since the last call; nothing before it was asked for. */
    byte[] forwarded() {
        return upstreams.isEmpty() ? new byte[0] : drain(upstream());
    }

    boolean clientIsOpen() {
        return client.isOpen();
    }

    /**
     * Ends the connection.
     *
     * @throws AssertionError when something reached the end of a pipeline or was not released
     */
    void finish() {
        settle();
        List<Embedded> all = new ArrayList<>(upstreams);
        all.add(client);
        for (Embedded channel : all) {
            channel.close();
            settle();
            channel.checkException();
            if (!channel.inboundMessages().isEmpty()) {
                throw new AssertionError(
                        "reached the end of the pipeline: "
                                + channel.inboundMessages().peek().getClass().getSimpleName());
            }
            channel.finishAndReleaseAll();
        }
        if (!held.isEmpty()) {
            throw new AssertionError("still counted as held");
        }
        if (memory.metric().usedHeapMemory() != 0 || memory.metric().usedDirectMemory() != 0) {
            throw new AssertionError(
                    "not released: "
                            + memory.metric().usedHeapMemory()
                            + " bytes, direct "
                            + memory.metric().usedDirectMemory());
        }
    }

    private Embedded upstream() {
        return upstreams.getLast();
    }

    private ByteBuf buffer(byte[] bytes, int from, int to) {
        return memory.heapBuffer(to - from).writeBytes(bytes, from, to - from);
    }

    private void settle() {
        client.runPendingTasks();
        List.copyOf(upstreams).forEach(EmbeddedChannel::runPendingTasks);
        client.runPendingTasks();
    }

    private static byte[] drain(EmbeddedChannel channel) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuf next;
        while ((next = channel.readOutbound()) != null) {
            all.writeBytes(ByteBufUtil.getBytes(next));
            next.release();
        }
        return all.toByteArray();
    }

    /** A channel with addresses, which the proxy asks the owner of a connection by. */
    private static final class Embedded extends EmbeddedChannel {
        Embedded(ChannelHandler... handlers) {
            super(handlers);
        }

        @Override
        protected SocketAddress localAddress0() {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), 8);
        }

        @Override
        protected SocketAddress remoteAddress0() {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), 9);
        }
    }

    /** Decisions run where they are asked for; their result still goes through the event loop. */
    private static final class OnThisThread extends AbstractExecutorService {
        @Override
        public void execute(Runnable command) {
            command.run();
        }

        @Override
        public void shutdown() {}

        @Override
        public List<Runnable> shutdownNow() {
            return List.of();
        }

        @Override
        public boolean isShutdown() {
            return false;
        }

        @Override
        public boolean isTerminated() {
            return false;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            return false;
        }
    }

    private final class RecordingGate implements PromptGate {
        @Override
        public Verdict decide(Exchange exchange, Prompt prompt) {
            asked.add(new Asked(exchange.service().id(), exchange.endpoint().id(), prompt));
            return gate.decide(exchange, prompt);
        }

        @Override
        public Verdict verify(Exchange exchange, Prompt asSent) {
            return new Verdict.Forward();
        }

        @Override
        public Refusal notRedactable(Exchange exchange, String code) {
            return new Refusal("r-2", "cannot be redacted", code);
        }

        @Override
        public Verdict onFailure(Exchange exchange, String code) {
            failures.add(code);
            return new Verdict.Refuse(new Refusal("r-3", "failed", code));
        }

        @Override
        public Restoration restoration(Exchange exchange) {
            return restoration;
        }

        @Override
        public void passedUnmatched(Exchange exchange, long bytes) {
            failures.add("unmatched");
        }

        @Override
        public void answerUnread(Exchange exchange, NotInspected why) {
            failures.add(why.code());
        }

        @Override
        public void answered(Exchange exchange, Answer answer) {
            answers.add(answer);
        }

        @Override
        public void failed(String serviceId, String host, String code) {
            failures.add(code);
        }
    }
}
