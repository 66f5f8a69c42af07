// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.ui.testing;

import dev.chaperone.model.ipc.Answered;
import dev.chaperone.model.ipc.Ipc;
import dev.chaperone.model.ipc.Question;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The agent's end of the link, on a real Unix domain socket: writes down each line it reads and
 * answers as it is told. One connection at a time.
 */
public final class TestAgent implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();

    private final Path path;
    private final ServerSocketChannel listener;
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Map<String, Function<JsonNode, Reply>> replies = new ConcurrentHashMap<>();
    private volatile @Nullable SocketChannel peer;

    /**
     * What is said to a request.
     *
     * @param result or an error if {@code code} is not 0
     */
    public record Reply(Object result, int code) {
        /** A result. */
        public static Reply of(Object result) {
            return new Reply(result, 0);
        }

        /** An error. */
        public static Reply error(int code, String message) {
            return new Reply(message, code);
        }
    }

    public TestAgent(Path path, Question... open) throws IOException {
        this.path = path;
        reply(Ipc.SUBSCRIBE, _ -> Reply.of(true));
        reply(Ipc.PENDING, _ -> Reply.of(List.of(open)));
        reply(Ipc.ACTIVITY, _ -> Reply.of(List.of()));
        reply(
                Ipc.ANSWER,
                request ->
                        Reply.of(
                                new Answered(
                                        UUID.fromString(
                                                request.path("params").path("id").asString()),
                                        true)));
        Files.deleteIfExists(path);
        listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(path));
        Thread thread = new Thread(this::serve, "test-agent");
        thread.setDaemon(true);
        thread.start();
    }

    /** Says how a method is answered. */
    public TestAgent reply(String method, Function<JsonNode, Reply> how) {
        replies.put(method, how);
        return this;
    }

    private void serve() {
        while (listener.isOpen()) {
            try (SocketChannel now = listener.accept()) {
                peer = now;
                BufferedReader in =
                        new BufferedReader(Channels.newReader(now, StandardCharsets.UTF_8));
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    lines.add(line);
                    answer(line);
                }
            } catch (IOException | UncheckedIOException e) {
                peer = null; // it left, or we did
            }
        }
    }

    private void answer(String line) {
        JsonNode request = JSON.readTree(line);
        Function<JsonNode, Reply> how = replies.get(request.path("method").asString());
        Reply reply =
                how == null
                        ? Reply.error(Ipc.METHOD_NOT_FOUND, "no such method")
                        : how.apply(request);
        ObjectNode message = JSON.createObjectNode().put("jsonrpc", "2.0");
        if (reply.code() == 0) {
            message.set("result", JSON.valueToTree(reply.result()));
        } else {
            message.set(
                    "error",
                    JSON.createObjectNode()
                            .put("code", reply.code())
                            .put("message", String.valueOf(reply.result())));
        }
        message.set("id", request.get("id"));
        send(JSON.writeValueAsString(message));
    }

    /** Sends a notification. */
    public void tell(String method, Object params) {
        ObjectNode message = JSON.createObjectNode().put("jsonrpc", "2.0").put("method", method);
        message.set("params", JSON.valueToTree(params));
        send(JSON.writeValueAsString(message));
    }

    /** Sends a line as it is. */
    public synchronized void send(String line) {
        SocketChannel to = peer;
        if (to == null) {
            throw new IllegalStateException("nobody is connected");
        }
        ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
        try {
            while (bytes.hasRemaining()) {
                to.write(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The lines of requests of a method. */
    public List<String> requests(String method) {
        return lines.stream().filter(l -> l.contains("\"method\":\"" + method + "\"")).toList();
    }

    /** Ends the connection, as if the agent had died. */
    public void drop() {
        SocketChannel now = peer;
        try {
            if (now != null) {
                now.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        drop();
        Files.deleteIfExists(path);
    }
}
