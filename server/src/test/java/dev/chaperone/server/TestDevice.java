// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server;

import dev.chaperone.model.service.AiService;
import dev.chaperone.model.sync.DeviceStatus;
import dev.chaperone.model.sync.Enrolment;
import dev.chaperone.model.sync.EnrolmentToken;
import dev.chaperone.model.sync.EventBatch;
import dev.chaperone.model.sync.Issuance;
import dev.chaperone.model.sync.LifecycleBatch;
import dev.chaperone.pki.CertificateRequests;
import dev.chaperone.pki.Keys;
import dev.chaperone.pki.Pem;
import dev.chaperone.policies.catalogue.CatalogueLoader;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.KeyPair;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** A device as the contract of {@code model/sync} has it. */
final class TestDevice implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    /** What ships as open. */
    static final List<Issuance.Service> OPEN =
            CatalogueLoader.shipped().stream()
                    .filter(AiService::openByDefault)
                    .filter(s -> !s.literalHosts().isEmpty())
                    .map(s -> new Issuance.Service(s.id(), s.literalHosts()))
                    .toList();

    final Enrolment.Answer answer;
    final KeyPair keys;
    private final HttpClient http;

    TestDevice(Enrolment.Answer answer, KeyPair keys) throws Exception {
        this.answer = answer;
        this.keys = keys;
        this.http =
                TestTls.client(
                        Pem.decodeAll(answer.ca()).getFirst(),
                        new TestTls.Identity(
                                Pem.decodeAll(answer.certificate()), keys.getPrivate()));
    }

    static TestDevice enrol(EnrolmentToken token) throws Exception {
        KeyPair keys = Keys.generate();
        HttpResponse<String> response = ask(token, keys);
        if (response.statusCode() != 200) {
            throw new AssertionError(response.body());
        }
        return new TestDevice(
                TestServer.JSON.readValue(response.body(), Enrolment.Answer.class), keys);
    }

    static HttpResponse<String> ask(EnrolmentToken token, KeyPair keys) throws Exception {
        return ask(token, request(token.secret(), CertificateRequests.create(keys)));
    }

    static HttpResponse<String> ask(EnrolmentToken token, String body) throws Exception {
        try (HttpClient pinned = TestTls.pinned(token.pin())) {
            return pinned.send(
                    HttpRequest.newBuilder(token.server().resolve("/v1/enroll"))
                            .timeout(TIMEOUT)
                            .POST(BodyPublishers.ofString(body))
                            .build(),
                    BodyHandlers.ofString());
        }
    }

    static String request(String secret, String csr) {
        return TestServer.JSON.writeValueAsString(
                new Enrolment.Request(secret, csr, "laptop-1", "linux", "0.1.0"));
    }

    HttpResponse<String> renew(KeyPair next) throws Exception {
        return post("/v1/renew", bytes(request("", CertificateRequests.create(next))), null);
    }

    /** A request for the intermediates of what ships as open; each with a key of its own. */
    static Issuance.Request issuing() {
        return issuing(Keys.generate(), OPEN);
    }

    static Issuance.Request issuing(KeyPair keys, List<Issuance.Service> services) {
        return new Issuance.Request(CertificateRequests.create(keys), services);
    }

    HttpResponse<String> certificates(Issuance.Request request) throws Exception {
        return post("/v1/certificates", TestServer.JSON.writeValueAsBytes(request), null);
    }

    HttpResponse<String> status(DeviceStatus status) throws Exception {
        return post("/v1/status", TestServer.JSON.writeValueAsBytes(status), null);
    }

    HttpResponse<String> lifecycle(LifecycleBatch batch) throws Exception {
        return post("/v1/lifecycle", TestServer.JSON.writeValueAsBytes(batch), null);
    }

    HttpResponse<String> send(EventBatch batch) throws Exception {
        return post("/v1/events", gzip(TestServer.JSON.writeValueAsBytes(batch)), "gzip");
    }

    HttpResponse<String> status(Map<String, Long> notInspected) throws Exception {
        DeviceStatus status = new DeviceStatus("0.1.0", 0, "none", 1, 0, 0, notInspected);
        return post("/v1/status", TestServer.JSON.writeValueAsBytes(status), null);
    }

    HttpResponse<String> post(String path, byte[] body, @Nullable String coding) throws Exception {
        HttpRequest.Builder request = to(path).POST(BodyPublishers.ofByteArray(body));
        if (coding != null) {
            request.header("content-encoding", coding);
        }
        return http.send(request.build(), BodyHandlers.ofString());
    }

    HttpResponse<String> policy(@Nullable String etag) throws Exception {
        HttpRequest.Builder request = to("/v1/policy").GET();
        if (etag != null) {
            request.header("if-none-match", etag);
        }
        return http.send(request.build(), BodyHandlers.ofString());
    }

    private HttpRequest.Builder to(String path) {
        URI uri = answer.agents().resolve(path);
        return HttpRequest.newBuilder(uri).timeout(TIMEOUT);
    }

    static byte[] gzip(byte[] plain) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(plain);
        }
        return out.toByteArray();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        http.close();
    }
}
