// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.ipc;

import dev.chaperone.model.ipc.AgentStatus;
import dev.chaperone.model.ipc.Ipc;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** The command line's end of the link: one request at a time, blocking. Not thread-safe. */
public final class IpcClient implements AutoCloseable {
    private final RpcJson json = new RpcJson();
    private final SocketChannel socket;
    private final InputStream in;
    private final Deque<JsonNode> notifications = new ArrayDeque<>();
    private long lastId;

    private IpcClient(SocketChannel socket) {
        this.socket = socket;
        this.in = new BufferedInputStream(Channels.newInputStream(socket));
    }

    /** Connects to an agent's socket. */
    public static IpcClient connect(Path path) throws IOException {
        SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            socket.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException e) {
            socket.close();
            throw e;
        }
        return new IpcClient(socket);
    }

    /**
     * Ends whatever waits for the agent once the time is over, with an {@link IOException}: one
     * that hangs is not waited for. To be called once, before the first question.
     */
    public void limit(Duration patience) {
        Thread ignored =
                Thread.ofVirtual()
                        .name("ipc-limit")
                        .start(() -> {
                            try {
                                Thread.sleep(patience);
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                            close();
                        });
    }

    /** The agent said no. The message is its one line. */
    public static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1L;

        private final int code;

        RefusedException(int code, String message) {
            super(message);
            this.code = code;
        }

        /** An error code of {@link dev.chaperone.model.ipc.Ipc}. */
        public int code() {
            return code;
        }
    }

    /**
     * Calls a method and returns its result; notifications that come first are kept.
     *
     * @throws RefusedException when the agent answers with an error
     */
    public JsonNode call(String method, Object params) throws IOException, RefusedException {
        long id = ++lastId;
        send(json.request(id, method, params));
        while (true) {
            JsonNode message =
                    read().orElseThrow(() -> new IOException("the agent closed the connection"));
            if (message.has("error")) {
                throw new RefusedException(
                        message.path("error").path("code").asInt(0),
                        message.path("error").path("message").asString(""));
            }
            if (message.path("id").asLong(0) == id) {
                return message.path("result");
            }
            notifications.add(message);
        }
    }

    /** A value of a result or of a notification's params. */
    public <T> T value(JsonNode node, Class<T> type) {
        return json.value(node, type);
    }

    /** The next notification; blocks. Empty when the agent is gone. */
    public Optional<JsonNode> next() throws IOException {
        return notifications.isEmpty() ? read() : Optional.of(notifications.removeFirst());
    }

    /** After {@link Ipc#SUBSCRIBE}: every condition for being protected, once all are looked at. */
    public List<AgentStatus.Check> awaitChecks() throws IOException {
        while (true) {
            JsonNode message =
                    next().orElseThrow(() -> new IOException("the agent closed the connection"));
            if (message.path("method").asString("").equals(Ipc.STATUS)) {
                AgentStatus status = value(message.path("params"), AgentStatus.class);
                if (!status.checks().isEmpty()) {
                    return status.checks();
                }
            }
        }
    }

    /** Subscribes as one who only looks; what the agent says of itself at once, without checks. */
    public AgentStatus awaitStatus() throws IOException, RefusedException {
        JsonNode ignored = call(Ipc.SUBSCRIBE, Map.of(Ipc.WATCH, true));
        while (true) {
            JsonNode message =
                    next().orElseThrow(() -> new IOException("the agent closed the connection"));
            if (message.path("method").asString("").equals(Ipc.STATUS)) {
                return value(message.path("params"), AgentStatus.class);
            }
        }
    }

    /** Writes bytes as they are. */
    public void send(byte[] line) throws IOException {
        ByteBuffer out = ByteBuffer.wrap(line);
        while (out.hasRemaining()) {
            if (socket.write(out) < 0) {
                throw new IOException("the agent closed the connection");
            }
        }
    }

    private Optional<JsonNode> read() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int b = in.read();
        while (b >= 0 && b != '\n') {
            line.write(b);
            b = in.read();
        }
        if (b < 0) {
            return Optional.empty();
        }
        try {
            return Optional.of(json.read(line.toByteArray()));
        } catch (JacksonException e) {
            throw new IOException("the agent's answer is not JSON");
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // It goes with the process.
        }
    }
}
