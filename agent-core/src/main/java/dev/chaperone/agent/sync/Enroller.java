// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.sync;

import dev.chaperone.agent.DataFolder;
import dev.chaperone.agent.Rules;
import dev.chaperone.agent.Version;
import dev.chaperone.agent.lifecycle.Caller;
import dev.chaperone.agent.lifecycle.LifecycleLog;
import dev.chaperone.agent.os.KeyVault;
import dev.chaperone.inspector.UpstreamProxy;
import dev.chaperone.model.sync.Enrolment;
import dev.chaperone.model.sync.EnrolmentToken;
import dev.chaperone.model.sync.Issuance;
import dev.chaperone.pki.CertificateRequests;
import dev.chaperone.pki.Keys;
import dev.chaperone.pki.PkiException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Turns an enrolment token into a client certificate and the device's intermediates. */
public final class Enroller {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** A whole company that enrols at nine makes its server wait; it says how long. */
    private static final int TRIES = 20;

    private static final int PROXY_ASKS_FOR_SIGN_IN = 407; // RFC 9110 §15.5.8

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);
    static final JsonMapper JSON =
            JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    private Enroller() {}

    /**
     * Enrols the device of a data folder; a link that was there is replaced.
     *
     * @param token what the administrator handed out
     * @param wayOut the company's proxy, if the server is reached by it
     * @throws ServerRefusedException with one line that says what to do
     */
    public static ServerLink enrol(
            EnrolmentToken token, Path dataDir, KeyVault vault, Optional<UpstreamProxy> wayOut)
            throws IOException, InterruptedException, ServerRefusedException {
        KeyPair keys = Keys.generate();
        KeyPair issuing = Keys.generate();
        List<Issuance.Service> wanted = FleetCertificates.wanted(Rules.shippedHosts());
        Enrolment.Request request =
                new Enrolment.Request(
                        token.secret(),
                        CertificateRequests.create(keys),
                        hostName(),
                        operatingSystem(),
                        Version.number(),
                        new Issuance.Request(CertificateRequests.create(issuing), wanted));
        Enrolment.Answer answer = ask(token, request, proxyFor(token, wayOut));
        ServerLink link =
                new ServerLink(
                        answer.device(),
                        answer.group(),
                        answer.certificate(),
                        answer.ca(),
                        answer.agents(),
                        answer.policyKey(),
                        ServerLink.nextKeyName(ServerLink.read(dataDir)));
        Issuance.Answer issuance = answer.issuance();
        try {
            if (issuance != null) {
                FleetCertificates.keepFirst(
                        dataDir, link, vault, issuing, wanted, issuance, Instant.now());
            }
        } catch (PkiException e) {
            throw new ServerRefusedException(
                    "the server's certificates cannot be used, nothing was changed: "
                            + e.getMessage());
        }
        vault.put(link.keyName(), keys.getPrivate().getEncoded());
        link.write(dataDir);
        if (FleetCertificates.load(dataDir, link, vault).isEmpty()) {
            DataFolder.trustOwn(dataDir, Instant.now());
        }
        KeptIssuance.forgetOthers(dataDir, link);
        boolean ignored =
                new LifecycleLog(dataDir, vault, InstantSource.system())
                        .record("enrol", "device " + link.device(), Caller.of(System.getenv()));
        return link;
    }

    private static Enrolment.Answer ask(
            EnrolmentToken token, Enrolment.Request request, Optional<UpstreamProxy> proxy)
            throws IOException, InterruptedException, ServerRefusedException {
        for (int tried = 1; ; tried++) {
            try {
                return askOnce(token, request, proxy);
            } catch (ServerRefusedException e) {
                Duration after = e.after();
                if (after == null || tried == TRIES) {
                    throw e;
                }
                Thread.sleep(after.compareTo(LONGEST_WAIT) < 0 ? after : LONGEST_WAIT);
            }
        }
    }

    private static Enrolment.Answer askOnce(
            EnrolmentToken token, Enrolment.Request request, Optional<UpstreamProxy> proxy)
            throws IOException, InterruptedException, ServerRefusedException {
        HttpClient.Builder builder =
                HttpClient.newBuilder().connectTimeout(LIMIT).sslContext(pinned(token.pin()));
        if (proxy.isPresent()) {
            builder = builder.proxy(selecting(proxy.get()));
        }
        try (HttpClient client = builder.build()) {
            HttpResponse<byte[]> response =
                    client.send(
                            HttpRequest.newBuilder(token.server().resolve("/v1/enroll"))
                                    .timeout(LIMIT)
                                    .header("content-type", "application/json")
                                    .POST(
                                            HttpRequest.BodyPublishers.ofByteArray(
                                                    JSON.writeValueAsBytes(request)))
                                    .build(),
                            HttpResponse.BodyHandlers.ofByteArray());
            if (response.statusCode() == PROXY_ASKS_FOR_SIGN_IN && proxy.isPresent()) {
                throw refusedBy(proxy.get(), "it asks for a sign-in, which is not supported");
            }
            if (response.statusCode() != 200) {
                throw new ServerRefusedException(
                        Problem.describe(response.statusCode(), response.body()),
                        response.statusCode() == 429
                                ? Duration.ofSeconds(
                                        response.headers()
                                                .firstValueAsLong("retry-after")
                                                .orElse(5))
                                : null);
            }
            return JSON.readValue(response.body(), Enrolment.Answer.class);
        } catch (SSLException e) {
            throw new ServerRefusedException(
                    "the server at "
                            + token.server()
                            + " does not have the CA that the token names; ask for a new token, and"
                            + " whether something stands between");
        } catch (JacksonException e) {
            throw new ServerRefusedException(
                    "the server's answer is not an enrolment; is its version older?");
        } catch (java.net.http.HttpTimeoutException | java.net.ConnectException e) {
            throw new ServerRefusedException(
                    "no connection to "
                            + token.server()
                            + proxy.map(p -> " by the company's proxy " + p).orElse("")
                            + "; check the network and try again");
        } catch (IOException e) {
            if (proxy.isPresent()) {
                // The client's own words: "Tunnel failed, got: 403".
                throw refusedBy(proxy.get(), String.valueOf(e.getMessage()));
            }
            throw e;
        }
    }

    private static Optional<UpstreamProxy> proxyFor(
            EnrolmentToken token, Optional<UpstreamProxy> wayOut) {
        return wayOut.filter(p -> p.leadsTo(String.valueOf(token.server().getHost())));
    }

    private static ProxySelector selecting(UpstreamProxy proxy) {
        return ProxySelector.of(new InetSocketAddress(proxy.host(), proxy.port()));
    }

    private static ServerRefusedException refusedBy(UpstreamProxy proxy, String why) {
        return new ServerRefusedException(
                "the company's proxy "
                        + proxy
                        + " (upstream-proxy) did not open a connection to the server: "
                        + why);
    }

    private static SSLContext pinned(String pin) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new PinnedServer(pin)}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has TLS", e);
        }
    }

    static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }

    static String operatingSystem() {
        String name = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        return name.contains("win") ? "windows" : name.contains("mac") ? "macos" : "linux";
    }
}
