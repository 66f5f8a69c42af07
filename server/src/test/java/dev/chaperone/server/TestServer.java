// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server;

import dev.chaperone.server.enrol.Tokens;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A server on free ports and a temporary folder, with an administrator to ask it. */
final class TestServer implements AutoCloseable {
    static final JsonMapper JSON = new JsonMapper();

    final MovableClock clock;
    final Path folder;
    final Server server;
    private final HttpClient admin;
    private final String adminToken;

    private TestServer(Path folder, MovableClock clock, Server server) throws Exception {
        this.folder = folder;
        this.clock = clock;
        this.server = server;
        ServerFolder files = ServerFolder.existing(folder);
        this.admin = TestTls.client(ServerFolder.certificate(files.caFile()), null);
        this.adminToken = Files.readString(files.adminTokenFile());
    }

    static TestServer start(Path folder) throws Exception {
        return start(folder, new MovableClock(), 20, 5);
    }

    static TestServer start(Path folder, MovableClock clock, int tokenUses, int minimumGroup)
            throws Exception {
        return new TestServer(
                folder, clock, Server.start(options(folder, tokenUses, minimumGroup), clock));
    }

    static ServerOptions options(Path folder, int tokenUses, int minimumGroup) {
        return new ServerOptions(
                folder,
                new HostPort("127.0.0.1", 0),
                new HostPort("127.0.0.1", 0),
                Optional.empty(),
                new Tokens.Terms(tokenUses, Duration.ofHours(24), "sales"),
                true,
                false,
                Duration.ofDays(90),
                minimumGroup);
    }

    TestDevice enrol() throws Exception {
        return TestDevice.enrol(server.token().orElseThrow());
    }

    HttpResponse<String> get(String path) throws Exception {
        return send(request(path).GET());
    }

    JsonNode json(String path) throws Exception {
        HttpResponse<String> response = get(path);
        if (response.statusCode() != 200) {
            throw new AssertionError(response.statusCode() + " " + response.body());
        }
        return JSON.readTree(response.body());
    }

    HttpResponse<String> put(String path, String body) throws Exception {
        return send(request(path).PUT(HttpRequest.BodyPublishers.ofString(body)));
    }

    HttpResponse<String> post(String path, String body) throws Exception {
        return send(request(path).POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    HttpRequest.Builder request(String path) {
        return bare(path).header("authorization", "Bearer " + adminToken);
    }

    /** Without the admin token. */
    HttpRequest.Builder bare(String path) {
        URI uri = server.console().resolve(path);
        return HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(20));
    }

    HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return admin.send(request.build(), BodyHandlers.ofString());
    }

    static String code(HttpResponse<String> response) {
        return response.statusCode() + " " + JSON.readTree(response.body()).path("code").asString();
    }

    @Override
    public void close() {
        admin.close();
        server.close();
    }
}
