// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.sync;

import dev.chaperone.agent.os.KeyVault;
import dev.chaperone.agent.sync.ServerConnection.Reply;
import dev.chaperone.inspector.UpstreamProxy;
import dev.chaperone.model.sync.DeviceStatus;
import dev.chaperone.model.sync.Enrolment;
import dev.chaperone.model.sync.EventBatch;
import dev.chaperone.model.sync.EventBatch.HighWater;
import dev.chaperone.model.sync.Issuance;
import dev.chaperone.model.sync.LifecycleBatch;
import dev.chaperone.pki.Keys;
import dev.chaperone.pki.Pem;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** Requests to the agents' listener with the device's certificate. For one thread. */
final class ServerClient implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final ServerConnection server;
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

        /** Not at all: repeating the same will not help. {@code batch} when its content is why. */
        record Refused(boolean batch, String why) implements Delivery {}
    }

    ServerClient(ServerLink link, KeyVault vault, Optional<UpstreamProxy> wayOut)
            throws IOException {
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
            this.server =
                    new ServerConnection(
                            link.agents(),
                            tls(Keys.privateKey(key), chain, anchors),
                            wayOut,
                            LIMIT);
        } catch (CertificateException e) {
            throw new IOException("server.json is damaged; enrol again: chaperone enroll TOKEN", e);
        }
    }

    private static SslContext tls(
            PrivateKey key, List<X509Certificate> chain, List<X509Certificate> anchors)
            throws CertificateException {
        try {
            return SslContextBuilder.forClient()
                    .sslProvider(
                            OpenSsl.isAvailable() ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK)
                    .protocols("TLSv1.3", "TLSv1.2")
                    .endpointIdentificationAlgorithm("HTTPS")
                    .keyManager(key, chain.toArray(X509Certificate[]::new))
                    .trustManager(PinnedServer.trusting(anchors.toArray(X509Certificate[]::new)))
                    .build();
        } catch (SSLException e) {
            throw new CertificateException("the device's key cannot be used", e);
        }
    }

    /** When the client certificate ends. */
    Instant expires() {
        return certificate.getNotAfter().toInstant();
    }

    /** Sends one batch. */
    Delivery deliver(EventBatch batch) throws IOException, InterruptedException {
        Reply response = post("/v1/events", gzip(Enroller.JSON.writeValueAsBytes(batch)), "gzip");
        int status = response.status();
        boolean problem =
                response.field("content-type")
                        .filter(t -> t.startsWith("application/problem+json"))
                        .isPresent();
        if (status == 200 || status == 409 && !problem) {
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
                : new Delivery.Refused(status == 400 || status == 413, why);
    }

    private static Optional<Duration> retryAfter(Reply response) {
        try {
            return response.field("retry-after")
                    .map(Long::parseLong)
                    .filter(s -> s >= 0 && s <= 3600)
                    .map(Duration::ofSeconds);
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /**
     * Says that the device lives.
     *
     * @return what the server's certificates depend on; null from a server without a root
     */
    @Nullable String status(DeviceStatus status)
            throws IOException, InterruptedException, ServerRefusedException {
        Reply response = post("/v1/status", Enroller.JSON.writeValueAsBytes(status), null);
        if (response.status() / 100 != 2) {
            throw new ServerRefusedException(Problem.describe(response.status(), response.body()));
        }
        return Enroller.JSON.readValue(response.body(), DeviceStatus.Answer.class).issuing();
    }

    /**
     * Brings lines of the lifecycle log.
     *
     * @return empty from a server that keeps none
     */
    Optional<LifecycleBatch.Answer> lifecycle(LifecycleBatch batch)
            throws IOException, InterruptedException, ServerRefusedException {
        Reply response = post("/v1/lifecycle", Enroller.JSON.writeValueAsBytes(batch), null);
        return switch (response.status()) {
            case 200 ->
                    Optional.of(
                            Enroller.JSON.readValue(response.body(), LifecycleBatch.Answer.class));
            case 404, 405 -> Optional.empty();
            default ->
                    throw new ServerRefusedException(
                            Problem.describe(response.status(), response.body()),
                            retryAfter(response).orElse(null));
        };
    }

    /** Asks for the device's intermediates. */
    Issuance.Answer certificates(Issuance.Request request)
            throws IOException, InterruptedException, ServerRefusedException {
        Reply response = post("/v1/certificates", Enroller.JSON.writeValueAsBytes(request), null);
        if (response.status() != 200) {
            throw new ServerRefusedException(
                    Problem.describe(response.status(), response.body()),
                    retryAfter(response).orElse(null));
        }
        return Enroller.JSON.readValue(response.body(), Issuance.Answer.class);
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
        Reply response =
                server.get("/v1/policy", etag == null ? Map.of() : Map.of("if-none-match", etag));
        return switch (response.status()) {
            case 200 -> new PolicyAnswer(response.field("etag").orElse(null), response.body());
            case 304, 404 -> new PolicyAnswer(etag, null);
            default ->
                    throw new ServerRefusedException(
                            Problem.describe(response.status(), response.body()));
        };
    }

    /** Asks for a new certificate with the present one. */
    Enrolment.Answer renew(Enrolment.Request request)
            throws IOException, InterruptedException, ServerRefusedException {
        Reply response = post("/v1/renew", Enroller.JSON.writeValueAsBytes(request), null);
        if (response.status() != 200) {
            throw new ServerRefusedException(Problem.describe(response.status(), response.body()));
        }
        return Enroller.JSON.readValue(response.body(), Enrolment.Answer.class);
    }

    /** Own clock minus the server's by its last answer, seconds; null before the first. */
    @Nullable Long clockOffset() {
        return server.clockOffset();
    }

    private Reply post(String path, byte[] body, @Nullable String coding)
            throws IOException, InterruptedException {
        return server.post(
                path,
                coding == null
                        ? Map.of("content-type", "application/json")
                        : Map.of("content-type", "application/json", "content-encoding", coding),
                body);
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
        server.close();
    }
}
