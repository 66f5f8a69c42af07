// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.cli;

import dev.chaperone.server.ServerFolder;
import dev.chaperone.server.http.Json;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Asks the server's REST interface as an administrator. Trusts the server's own CA and no other.
 */
final class AdminClient implements AutoCloseable {
    /** The command cannot do what it was asked. The message is one line for the person. */
    static final class Failure extends Exception {
        private static final long serialVersionUID = 1L;

        private final int exitStatus;

        Failure(int exitStatus, String message) {
            super(message);
            this.exitStatus = exitStatus;
        }

        int exitStatus() {
            return exitStatus;
        }
    }

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final URI server;
    private final String token;
    private final HttpClient http;

    private AdminClient(URI server, String token, HttpClient http) {
        this.server = server;
        this.token = token;
        this.http = http;
    }

    static AdminClient open(AdminOptions options) throws Failure {
        try {
            X509Certificate ca = ServerFolder.certificate(options.ca());
            String token =
                    Files.readString(options.adminToken(), StandardCharsets.US_ASCII).strip();
            URI server =
                    options.server() == null
                            ? ServerFolder.existing(options.folder()).console()
                            : options.server();
            HttpClient http =
                    HttpClient.newBuilder()
                            .sslContext(trusting(ca))
                            .connectTimeout(TIMEOUT)
                            .version(HttpClient.Version.HTTP_1_1)
                            .build();
            return new AdminClient(server, token, http);
        } catch (IOException e) {
            throw new Failure(
                    ExitStatus.ENVIRONMENT,
                    "address, CA or admin token of the server cannot be read in "
                            + options.folder()
                            + "; give --data-dir, or --server, --ca and --admin-token-file");
        }
    }

    private static SSLContext trusting(X509Certificate ca) throws IOException {
        try {
            KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
            anchors.load(null, null);
            anchors.setCertificateEntry("ca", ca);
            TrustManagerFactory trust =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(anchors);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has TLS", e);
        }
    }

    /** GET; the body. */
    String get(String path) throws Failure, InterruptedException {
        return send(request(path).GET().build());
    }

    JsonNode getJson(String path) throws Failure, InterruptedException {
        return Json.MAPPER.readTree(get(path));
    }

    JsonNode put(String path, byte[] body, String type) throws Failure, InterruptedException {
        return Json.MAPPER.readTree(
                send(
                        request(path)
                                .header("content-type", type)
                                .PUT(BodyPublishers.ofByteArray(body))
                                .build()));
    }

    JsonNode post(String path, Object body) throws Failure, InterruptedException {
        return Json.MAPPER.readTree(
                send(
                        request(path)
                                .header("content-type", "application/json")
                                .POST(
                                        BodyPublishers.ofByteArray(
                                                Json.MAPPER.writeValueAsBytes(body)))
                                .build()));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(server.resolve(path))
                .timeout(TIMEOUT)
                .header("authorization", "Bearer " + token);
    }

    private String send(HttpRequest request) throws Failure, InterruptedException {
        HttpResponse<String> response;
        try {
            response = http.send(request, BodyHandlers.ofString());
        } catch (ConnectException e) {
            throw new Failure(ExitStatus.ENVIRONMENT, "no server answers on " + server);
        } catch (SSLException e) {
            throw new Failure(
                    ExitStatus.ENVIRONMENT,
                    "the server on "
                            + server
                            + " is not the one of this data folder: its certificate is not of"
                            + " ca.pem, or not for this name");
        } catch (IOException e) {
            throw new Failure(
                    ExitStatus.ENVIRONMENT, "the server on " + server + " did not answer");
        }
        if (response.statusCode() / 100 != 2) {
            throw new Failure(
                    response.statusCode() < 500 ? ExitStatus.USAGE : ExitStatus.ENVIRONMENT,
                    detail(response));
        }
        return response.body();
    }

    private static String detail(HttpResponse<String> response) {
        try {
            JsonNode problem = Json.MAPPER.readTree(response.body());
            if (problem.has("detail")) {
                return problem.get("detail").asString()
                        + " ("
                        + problem.path("code").asString()
                        + ")";
            }
        } catch (JacksonException e) {
            // Said below.
        }
        return "the server answered " + response.statusCode();
    }

    @Override
    public void close() {
        http.close();
    }
}
