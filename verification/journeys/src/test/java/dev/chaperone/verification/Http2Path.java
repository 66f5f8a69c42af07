// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import dev.chaperone.inspector.ProxySettings.ConnectTo;
import dev.chaperone.pki.DeviceRoot;
import dev.chaperone.pki.Pem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLSocket;

/** HTTP/2 on both legs: one connection a host, one stream a message. */
final class Http2Path implements LeakPath {
    private final Map<String, Http2Upstream> upstreams = new HashMap<>();
    private final Map<String, Client> clients = new HashMap<>();
    private final AgentUnderTest agent;

    /** A connection of the client's. */
    private static final class Client {
        final SSLSocket socket;
        final Http2Connection connection;
        int nextStream = 1;

        Client(SSLSocket socket) throws IOException {
            this.socket = socket;
            this.connection =
                    Http2Connection.client(socket.getInputStream(), socket.getOutputStream());
        }
    }

    Http2Path(Path folder, Optional<Path> policy) throws Exception {
        DeviceRoot root = DeviceRoot.create("HTTP/2 stand-in CA", Instant.now());
        Path ca =
                Files.writeString(
                        Files.createDirectories(folder).resolve("upstream.pem"),
                        Pem.encode(root.certificate()));
        List<ConnectTo> to = new ArrayList<>();
        for (String host : LeakCase.HOSTS) {
            Http2Upstream upstream = new Http2Upstream(host, root);
            upstreams.put(host, upstream);
            to.add(new ConnectTo(host, 443, "127.0.0.1", upstream.port()));
        }
        agent = new AgentUnderTest(folder, policy, to, ca);
        for (String host : LeakCase.HOSTS) {
            clients.put(host, new Client(agent.open(host, "h2")));
        }
    }

    @Override
    public Arrived carry(LeakCase message) throws Exception {
        Client client = Objects.requireNonNull(clients.get(message.host()));
        int stream = client.nextStream;
        client.nextStream += 2;
        byte[] body = message.encoded();
        List<String> fields =
                new ArrayList<>(
                        List.of(
                                ":method",
                                "POST",
                                ":scheme",
                                "https",
                                ":authority",
                                message.host(),
                                ":path",
                                message.path(),
                                "content-type",
                                "application/json"));
        if (!message.encoding().isEmpty()) {
            fields.addAll(List.of("content-encoding", message.encoding()));
        }
        if (message.run() % 2 == 0) { // HTTP/2 can do without
            fields.addAll(List.of("content-length", Integer.toString(body.length)));
        }
        client.connection.send(stream, fields.toArray(String[]::new), body, message.cuts());
        Http2Connection.Message answer = client.connection.read();
        if (answer.reset() || answer.stream() != stream) {
            throw new IOException("stream " + stream + ": no answer");
        }
        return answer.head().startsWith(":status: 200\n")
                ? Objects.requireNonNull(upstreams.get(message.host())).next()
                : Arrived.NOTHING;
    }

    @Override
    public byte[] everything() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        upstreams.values().forEach(u -> all.writeBytes(u.everything()));
        return all.toByteArray();
    }

    @Override
    public void close() throws IOException {
        for (Client client : clients.values()) {
            client.socket.close();
        }
        agent.close();
        for (Http2Upstream upstream : upstreams.values()) {
            upstream.close();
        }
    }
}
