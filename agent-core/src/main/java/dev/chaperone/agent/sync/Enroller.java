// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.sync;

import dev.chaperone.agent.Version;
import dev.chaperone.agent.os.KeyVault;
import dev.chaperone.model.sync.Enrolment;
import dev.chaperone.model.sync.EnrolmentToken;
import dev.chaperone.pki.CertificateRequests;
import dev.chaperone.pki.Keys;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.time.Duration;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Turns an enrolment token into a client certificate. */
public final class Enroller {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    static final JsonMapper JSON =
            JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    private Enroller() {}

    /**
     * Enrols the device of a data folder; a link that was there is replaced.
     *
     * @param token what the administrator handed out
     * @throws ServerRefusedException with one line that says what to do
     */
    public static ServerLink enrol(EnrolmentToken token, Path dataDir, KeyVault vault)
            throws IOException, InterruptedException, ServerRefusedException {
        KeyPair keys = Keys.generate();
        Enrolment.Request request =
                new Enrolment.Request(
                        token.secret(),
                        CertificateRequests.create(keys),
                        hostName(),
                        operatingSystem(),
                        Version.number());
        Enrolment.Answer answer = ask(token, request);
        ServerLink link =
                new ServerLink(
                        answer.device(),
                        answer.group(),
                        answer.certificate(),
                        answer.ca(),
                        answer.agents(),
                        answer.policyKey(),
                        ServerLink.nextKeyName(ServerLink.read(dataDir)));
        vault.put(link.keyName(), keys.getPrivate().getEncoded());
        link.write(dataDir);
        return link;
    }

    private static Enrolment.Answer ask(EnrolmentToken token, Enrolment.Request request)
            throws IOException, InterruptedException, ServerRefusedException {
        try (HttpClient client =
                HttpClient.newBuilder()
                        .connectTimeout(LIMIT)
                        .sslContext(pinned(token.pin()))
                        .build()) {
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
            if (response.statusCode() != 200) {
                throw new ServerRefusedException(
                        Problem.describe(response.statusCode(), response.body()));
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
                    "no connection to " + token.server() + "; check the network and try again");
        }
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

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }

    private static String operatingSystem() {
        String name = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        return name.contains("win") ? "windows" : name.contains("mac") ? "macos" : "linux";
    }
}
