// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.sync;

import dev.chaperone.agent.os.KeyVault;
import dev.chaperone.model.sync.DeviceStatus;
import dev.chaperone.model.sync.Enrolment;
import dev.chaperone.model.sync.EventBatch;
import dev.chaperone.model.sync.EventBatch.HighWater;
import dev.chaperone.pki.Keys;
import dev.chaperone.pki.Pem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.KeyManagerFactory;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** Requests to the agents' listener with the device's certificate. For one thread. */
final class ServerClient implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final ServerLink link;
    private final HttpClient client;
    private final X509Certificate certificate;

    /** The server's answer to a batch. */
    sealed interface Delivery {
        /**
         * Durable there up to the mark; with a mark below the batch the server lacks what lies
         * before.
         */
        record Marked(HighWater mark) implements Delivery {}

        /** Not now. {@code after} is the server's wish, or null for our own back-off. */
        record Later(@Nullable Duration after, String why) implements Delivery {}

        /** Not at all: repeating the same will not help. */
        record Refused(String why) implements Delivery {}
    }

    ServerClient(ServerLink link, KeyVault vault) throws IOException {
        this.link = link;
        try {
            List<X509Certificate> chain = Pem.decodeAll(link.certificate());
            List<X509Certificate> anchors = Pem.decodeAll(link.ca());
            if (chain.isEmpty() || anchors.isEmpty()) {
                throw new IOException(
                        "server.json is damaged; enrol again: chaperone enroll TOKEN");
            }
            this.certificate = chain.getFirst();
            byte[] key =
                    vault.get(link.keyName())
                            .orElseThrow(() ->
                                    new IOException(
                                            "the device's key is gone; enrol again: chaperone enroll TOKEN"));
            this.client =
                    HttpClient.newBuilder()
                            .connectTimeout(LIMIT)
                            .version(HttpClient.Version.HTTP_1_1)
                            .sslContext(
                                    Enroller.context(
                                            PinnedServer.trusting(
                                                    anchors.toArray(X509Certificate[]::new)),
                                            keyManagers(Keys.privateKey(key), chain)))
                            .build();
        } catch (CertificateException e) {
            throw new IOException("server.json is damaged; enrol again: chaperone enroll TOKEN", e);
        }
    }

    private static javax.net.ssl.KeyManager[] keyManagers(
            PrivateKey key, List<X509Certificate> chain) throws CertificateException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("device", key, new char[0], chain.toArray(X509Certificate[]::new));
            KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
            factory.init(store, new char[0]);
            return factory.getKeyManagers();
        } catch (GeneralSecurityException | IOException e) {
            throw new CertificateException("the device's key cannot be used", e);
        }
    }

    /** When the client certificate ends. */
    Instant expires() {
        return certificate.getNotAfter().toInstant();
    }

    /** Sends one batch. */
    Delivery deliver(EventBatch batch) throws IOException, InterruptedException {
        HttpResponse<byte[]> response =
                post("/v1/events", gzip(Enroller.JSON.writeValueAsBytes(batch)), "gzip");
        int status = response.statusCode();
        if (status == 200 || status == 409) {
            try {
                return new Delivery.Marked(
                        Enroller.JSON.readValue(response.body(), HighWater.class));
            } catch (JacksonException e) {
                return new Delivery.Later(null, "the server's answer is malformed");
            }
        }
        String why = Problem.describe(status, response.body());
        return status == 429 || status >= 500
                ? new Delivery.Later(retryAfter(response).orElse(null), why)
                : new Delivery.Refused(why);
    }

    private static Optional<Duration> retryAfter(HttpResponse<?> response) {
        try {
            return response.headers()
                    .firstValue("retry-after")
                    .map(Long::parseLong)
                    .filter(s -> s >= 0 && s <= 3600)
                    .map(Duration::ofSeconds);
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Says that the device lives. */
    void status(DeviceStatus status)
            throws IOException, InterruptedException, ServerRefusedException {
        HttpResponse<byte[]> response =
                post("/v1/status", Enroller.JSON.writeValueAsBytes(status), null);
        if (response.statusCode() / 100 != 2) {
            throw new ServerRefusedException(
                    Problem.describe(response.statusCode(), response.body()));
        }
    }

    /**
     * Asks for the policy in force.
     *
     * @param etag of the last answer, or null
     * @param envelope JSON of the signed envelope; null for what is known already or not published
     */
    @SuppressWarnings("ArrayRecordComponent") // a body, never compared
    record PolicyAnswer(@Nullable String etag, byte @Nullable [] envelope) {
        @Override
        public String toString() {
            return "PolicyAnswer[" + etag + "]";
        }
    }

    PolicyAnswer policy(@Nullable String etag)
            throws IOException, InterruptedException, ServerRefusedException {
        HttpRequest.Builder request = to("/v1/policy").GET();
        if (etag != null) {
            request.header("if-none-match", etag);
        }
        HttpResponse<byte[]> response =
                client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        return switch (response.statusCode()) {
            case 200 ->
                    new PolicyAnswer(
                            response.headers().firstValue("etag").orElse(null), response.body());
            case 304, 404 -> new PolicyAnswer(etag, null);
            default ->
                    throw new ServerRefusedException(
                            Problem.describe(response.statusCode(), response.body()));
        };
    }

    /** Asks for a new certificate with the present one. */
    Enrolment.Answer renew(Enrolment.Request request)
            throws IOException, InterruptedException, ServerRefusedException {
        HttpResponse<byte[]> response =
                post("/v1/renew", Enroller.JSON.writeValueAsBytes(request), null);
        if (response.statusCode() != 200) {
            throw new ServerRefusedException(
                    Problem.describe(response.statusCode(), response.body()));
        }
        return Enroller.JSON.readValue(response.body(), Enrolment.Answer.class);
    }

    private HttpResponse<byte[]> post(String path, byte[] body, @Nullable String coding)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                to(path).header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        if (coding != null) {
            request.header("content-encoding", coding);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(link.agents().resolve(path)).timeout(LIMIT);
    }

    private static byte[] gzip(byte[] body) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(body.length / 4 + 64);
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(body);
        }
        return bytes.toByteArray();
    }

    @Override
    public void close() {
        client.shutdownNow();
        client.close();
    }
}
