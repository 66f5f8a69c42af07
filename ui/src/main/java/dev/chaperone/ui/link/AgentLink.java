// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.link;

import dev.chaperone.model.ipc.Activity;
import dev.chaperone.model.ipc.AgentStatus;
import dev.chaperone.model.ipc.AnswerRequest;
import dev.chaperone.model.ipc.Answered;
import dev.chaperone.model.ipc.Choice;
import dev.chaperone.model.ipc.Ipc;
import dev.chaperone.model.ipc.Ledger;
import dev.chaperone.model.ipc.Notice;
import dev.chaperone.model.ipc.PauseRequest;
import dev.chaperone.model.ipc.Paused;
import dev.chaperone.model.ipc.Question;
import dev.chaperone.model.ipc.Settled;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The link to one agent: connects, subscribes, reads, and connects again for as long as it lives.
 * One thread reads and one writes, so that neither a silent agent nor a full socket holds a window.
 * What the agent sends that is no message of the protocol is passed over. Thread-safe.
 */
public final class AgentLink implements Agent, AutoCloseable {
    /** Longest line that is read, bytes: a list of questions may be longer than one. */
    static final int MAX_LINE = 16 * Ipc.MAX_LINE;

    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(15);
    private static final int MAX_WAITING = 64;
    private static final System.Logger LOG = System.getLogger(AgentLink.class.getName());

    private final List<Path> paths;
    private final String language;
    private final AgentListener listener;
    private final BackOff backOff =
            new BackOff(Duration.ofMillis(250), Duration.ofSeconds(10), new Random());
    private final AtomicLong lastId = new AtomicLong();
    private final Map<Long, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final CompletableFuture<Void> tried = new CompletableFuture<>();
    private final Thread reader = new Thread(this::live, "agent-link");
    private volatile @Nullable Connection connection;

    /**
     * @param path the agent's socket; need not be there yet
     * @param language {@code en} or {@code de}
     */
    public AgentLink(Path path, String language, AgentListener listener) {
        this(List.of(path), language, listener);
    }

    /**
     * @param paths where an agent may be, tried in order each time; none needs to be there yet
     * @param language {@code en} or {@code de}
     */
    public AgentLink(List<Path> paths, String language, AgentListener listener) {
        this.paths = List.copyOf(paths);
        this.language = language;
        this.listener = listener;
        reader.setDaemon(true);
    }

    /** Starts to connect. Once. */
    public void start() {
        reader.start();
    }

    /** Completed when the agent knows us, or when the first try has shown that there is none. */
    public CompletableFuture<Void> tried() {
        return tried;
    }

    @Override
    public CompletableFuture<Answered> answer(UUID question, Choice choice) {
        return call(
                        Ipc.ANSWER,
                        new AnswerRequest(question.toString(), choice, AnswerRequest.Via.UI))
                .thenApply(result -> RpcJson.value(result, Answered.class));
    }

    @Override
    public CompletableFuture<List<Activity>> activity() {
        return call(Ipc.ACTIVITY, Map.of())
                .thenApply(result -> RpcJson.values(result, Activity.class));
    }

    @Override
    public CompletableFuture<Ledger> ledger() {
        return call(Ipc.LEDGER, Map.of("language", language))
                .thenApply(result -> RpcJson.value(result, Ledger.class));
    }

    @Override
    public CompletableFuture<Long> forget() {
        return call(Ipc.FORGET, Map.of()).thenApply(result -> result.asLong(0));
    }

    @Override
    public CompletableFuture<Paused> pause(int minutes, String reason) {
        return call(
                        Ipc.PAUSE,
                        new PauseRequest(
                                minutes, reason.isEmpty() ? null : reason, AnswerRequest.Via.UI))
                .thenApply(result -> RpcJson.value(result, Paused.class));
    }

    @Override
    public CompletableFuture<Boolean> resume() {
        return call(Ipc.RESUME, Map.of()).thenApply(result -> result.asBoolean(false));
    }

    private CompletableFuture<JsonNode> call(String method, Object params) {
        Connection now = connection;
        return now == null
                ? CompletableFuture.failedFuture(noAgent())
                : call(now, method, params)
                        .orTimeout(ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
    }

    private CompletableFuture<JsonNode> call(Connection to, String method, Object params) {
        long id = lastId.incrementAndGet();
        CompletableFuture<JsonNode> result = new CompletableFuture<>();
        waiting.put(id, result);
        result.whenComplete((_, _) -> waiting.remove(id));
        if (!to.lines.offer(RpcJson.request(id, method, params))) {
            result.completeExceptionally(noAgent()); // it does not read
        }
        return result;
    }

    private static AgentException noAgent() {
        return new AgentException(AgentException.NO_AGENT, "no agent");
    }

    // ---- the reader's thread

    private void live() {
        while (closed.getCount() > 0) {
            try (SocketChannel socket = connect()) {
                try (Connection now = new Connection(socket)) {
                    connection = now;
                    talk(now);
                }
            } catch (IOException e) {
                LOG.log(System.Logger.Level.DEBUG, "no agent: " + e.getClass().getSimpleName());
            } finally {
                lost();
            }
            rest();
        }
    }

    private SocketChannel connect() throws IOException {
        IOException last = new IOException("no place to look");
        for (Path path : paths) {
            SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                socket.connect(UnixDomainSocketAddress.of(path));
                return socket;
            } catch (IOException e) {
                socket.close();
                last = e; // nobody there, or a socket that an agent left behind
            }
        }
        throw last;
    }

    private void talk(Connection now) throws IOException {
        call(now, Ipc.SUBSCRIBE, Map.of("language", language));
        LineReader in = new LineReader(now.socket, MAX_LINE);
        call(now, Ipc.PENDING, Map.of("language", language))
                .thenAccept(result -> {
                    backOff.reset();
                    now.greeted = true;
                    listener.connected(RpcJson.values(result, Question.class), System.nanoTime());
                    tried.complete(null);
                })
                .exceptionally(_ -> now.refused());
        while (closed.getCount() > 0) {
            LineReader.Line line = in.next().orElseThrow(() -> new IOException("the end"));
            long read = System.nanoTime();
            if (line.tooLong()) {
                odd("longer than " + MAX_LINE + " bytes");
            } else if (line.bytes().length > 0) {
                take(line.bytes(), read);
            }
        }
    }

    private void take(byte[] line, long read) {
        try {
            JsonNode message = RpcJson.read(line);
            JsonNode method = message.path("method");
            if (method.isString()) {
                tell(method.asString(), message.path("params"), read);
            } else if (message.has("result") || message.has("error")) {
                settle(message);
            } else {
                odd("neither request nor answer");
            }
        } catch (JacksonException | IllegalArgumentException e) {
            odd("not a message of the protocol: " + e.getClass().getSimpleName());
        }
    }

    private void tell(String method, JsonNode params, long read) {
        switch (method) {
            case Ipc.COACH -> listener.asked(RpcJson.value(params, Question.class), read);
            case Ipc.WITHDRAWN -> listener.withdrawn(RpcJson.value(params, Settled.class));
            case Ipc.NOTIFY -> listener.noticed(RpcJson.value(params, Notice.class));
            case Ipc.STATUS -> listener.status(RpcJson.value(params, AgentStatus.class));
            default -> odd("an unknown notification");
        }
    }

    private void settle(JsonNode message) {
        CompletableFuture<JsonNode> result = waiting.get(message.path("id").asLong(-1));
        if (result == null) {
            odd("an answer to nothing");
        } else if (message.has("error")) {
            JsonNode error = message.path("error");
            result.completeExceptionally(
                    new AgentException(
                            error.path("code").asInt(Ipc.INTERNAL_ERROR),
                            error.path("message").asString("")));
        } else {
            result.complete(message.path("result"));
        }
    }

    private void lost() {
        Connection before = connection;
        connection = null;
        tried.complete(null);
        waiting.values().forEach(result -> result.completeExceptionally(noAgent()));
        if (before != null && closed.getCount() > 0) {
            listener.disconnected();
        }
    }

    private void rest() {
        try {
            if (closed.await(backOff.next().toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closed.countDown();
        }
    }

    /** What the agent said is never in the log, only what was wrong with it. */
    private static void odd(String what) {
        LOG.log(System.Logger.Level.WARNING, "a line from the agent was passed over: " + what);
    }

    @Override
    public void close() {
        closed.countDown();
        Connection now = connection;
        if (now != null) {
            now.close();
        }
    }

    /** One connection and the thread that writes to it. */
    private static final class Connection implements AutoCloseable {
        private final SocketChannel socket;
        private final BlockingQueue<byte[]> lines = new ArrayBlockingQueue<>(MAX_WAITING);
        private final Thread writer = new Thread(this::write, "agent-link-writer");
        private volatile boolean greeted;

        Connection(SocketChannel socket) {
            this.socket = socket;
            writer.setDaemon(true);
            writer.start();
        }

        private void write() {
            try {
                while (socket.isOpen()) {
                    ByteBuffer line = ByteBuffer.wrap(lines.take());
                    while (line.hasRemaining()) {
                        socket.write(line);
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (IOException e) {
                close(); // the reader sees the end
            }
        }

        /** The agent does not want us: the reader sees the end and tries again later. */
        private @Nullable Void refused() {
            if (!greeted) {
                close();
            }
            return null;
        }

        @Override
        public void close() {
            try {
                socket.close();
            } catch (IOException e) {
                LOG.log(System.Logger.Level.DEBUG, "close: " + e.getClass().getSimpleName());
            }
            writer.interrupt();
        }
    }
}
