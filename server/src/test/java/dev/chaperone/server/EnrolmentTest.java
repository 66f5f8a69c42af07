// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.sync.Enrolment;
import dev.chaperone.model.sync.EnrolmentToken;
import dev.chaperone.pki.CertificateRequests;
import dev.chaperone.pki.Keys;
import dev.chaperone.pki.Pem;
import dev.chaperone.pki.ServerCa;
import dev.chaperone.pki.SigningIdentity;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnrolmentTest {
    @TempDir Path folder;
    private TestServer server;
    private EnrolmentToken token;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(folder, new MovableClock(), 2, 5);
        token = server.server.token().orElseThrow();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void deviceGetsACertificateThatTheAgentsListenerTakes() throws Exception {
        try (TestDevice device = server.enrol()) {
            assertThat(device.answer.group()).isEqualTo("sales");
            assertThat(device.answer.agents()).isEqualTo(server.server.agents());
            assertThat(device.status(Map.of()).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void wrongTokenIsRefused() throws Exception {
        String body =
                TestDevice.request("x".repeat(43), CertificateRequests.create(Keys.generate()));
        assertThat(TestServer.code(TestDevice.ask(token, body))).isEqualTo("401 CHP-SRV-010");
    }

    @Test
    void tokenServesAsOftenAsItSays() throws Exception {
        assertThat(TestDevice.ask(token, Keys.generate()).statusCode()).isEqualTo(200);
        assertThat(TestDevice.ask(token, Keys.generate()).statusCode()).isEqualTo(200);
        assertThat(TestServer.code(TestDevice.ask(token, Keys.generate())))
                .isEqualTo("403 CHP-SRV-011");
    }

    @Test
    void deviceThatLostTheAnswerGetsTheSameIdentityWithoutASecondUse() throws Exception {
        KeyPair keys = Keys.generate();
        String first = device(TestDevice.ask(token, keys));
        assertThat(device(TestDevice.ask(token, keys))).isEqualTo(first);
        assertThat(device(TestDevice.ask(token, Keys.generate()))).isNotEqualTo(first);
        assertThat(device(TestDevice.ask(token, keys))).as("used up").isEqualTo(first);
    }

    private static String device(HttpResponse<String> response) {
        return TestServer.JSON.readValue(response.body(), Enrolment.Answer.class).device();
    }

    @Test
    void tokenExpires() throws Exception {
        server.clock.move(Duration.ofHours(24));
        assertThat(TestServer.code(TestDevice.ask(token, Keys.generate())))
                .isEqualTo("403 CHP-SRV-012");
    }

    @Test
    void requestSignedWithAnotherKeyIsRefusedAndCostsNoUse() throws Exception {
        String csr = CertificateRequests.create(Keys.generate());
        String broken =
                csr.replaceFirst("(?s)(.{120})[A-M]", "$1Z")
                        .replaceFirst("(?s)(.{150})[a-m]", "$1z");
        String code =
                TestServer.code(TestDevice.ask(token, TestDevice.request(token.secret(), broken)));
        assertThat(code).isEqualTo("400 CHP-SRV-013");
        assertThat(TestDevice.ask(token, Keys.generate()).statusCode()).isEqualTo(200);
        assertThat(TestDevice.ask(token, Keys.generate()).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "[]", "{}", "{\"token\":1}", "not json"})
    void malformedRequestIsRefused(String body) throws Exception {
        assertThat(TestServer.code(TestDevice.ask(token, body))).isEqualTo("400 CHP-SRV-001");
    }

    @Test
    void withoutACertificateTheHandlerSaysWhatIsMissing() throws Exception {
        try (var stranger =
                TestTls.client(ServerFolder.certificate(folder.resolve("ca.pem")), null)) {
            var request =
                    java.net.http.HttpRequest.newBuilder(
                                    server.server.agents().resolve("/v1/policy"))
                            .build();
            HttpResponse<String> response =
                    stranger.send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(TestServer.code(response)).isEqualTo("401 CHP-SRV-020");
            assertThat(response.headers().firstValue("content-type"))
                    .contains("application/problem+json");
        }
    }

    @Test
    void certificateOfAnotherCaIsRefusedByTheHandler() throws Exception {
        ServerCa other = ServerCa.create("Other", server.clock.instant());
        try (TestDevice real = server.enrol();
                TestDevice forged = with(real, other)) {
            assertThat(TestServer.code(forged.status(Map.of()))).isEqualTo("401 CHP-SRV-021");
        }
    }

    @Test
    void caOfTheSameNameDoesNotDeceive() throws Exception {
        KeyPair key = Keys.generate();
        ServerCa impostor =
                ServerCa.of(
                        new SigningIdentity(
                                ServerFolder.certificate(folder.resolve("ca.pem")),
                                key.getPrivate()));
        try (TestDevice real = server.enrol();
                TestDevice forged = with(real, impostor)) {
            assertThat(TestServer.code(forged.status(Map.of()))).isEqualTo("401 CHP-SRV-021");
        }
    }

    /** The same device, its certificate signed by another. */
    private TestDevice with(TestDevice real, ServerCa ca) throws Exception {
        KeyPair keys = Keys.generate();
        X509Certificate forged =
                ca.clientCertificate(
                        real.answer.device(), keys.getPublic(), server.clock.instant());
        return new TestDevice(
                new Enrolment.Answer(
                        real.answer.device(),
                        null,
                        Pem.encode(forged),
                        real.answer.ca(),
                        real.answer.agents(),
                        real.answer.policyKey()),
                keys);
    }

    @Test
    void expiredCertificateRenewsForHalfAYearAndDoesNothingElse() throws Exception {
        try (TestDevice device = server.enrol()) {
            server.clock.move(Duration.ofDays(30).plusMinutes(1));
            assertThat(TestServer.code(device.status(Map.of()))).isEqualTo("401 CHP-SRV-022");
            KeyPair next = Keys.generate();
            HttpResponse<String> renewed = device.renew(next);
            assertThat(device(renewed)).isEqualTo(device.answer.device());
            Enrolment.Answer answer =
                    TestServer.JSON.readValue(renewed.body(), Enrolment.Answer.class);
            try (TestDevice again = new TestDevice(answer, next)) {
                assertThat(again.status(Map.of()).statusCode()).isEqualTo(200);
            }
            server.clock.move(Duration.ofDays(180));
            assertThat(TestServer.code(device.renew(next))).isEqualTo("401 CHP-SRV-022");
        }
    }

    @Test
    void revokedDeviceIsLockedOutAtOnce() throws Exception {
        try (TestDevice device = server.enrol()) {
            assertThat(device.status(Map.of()).statusCode()).isEqualTo(200);
            String path = "/api/v1/devices/" + device.answer.device() + "/revoke";
            assertThat(server.post(path, "").statusCode()).isEqualTo(200);
            assertThat(TestServer.code(device.status(Map.of()))).isEqualTo("403 CHP-SRV-023");
            assertThat(TestServer.code(device.renew(Keys.generate()))).isEqualTo("403 CHP-SRV-023");
            assertThat(TestServer.code(TestDevice.ask(token, device.keys)))
                    .isEqualTo("403 CHP-SRV-023");
        }
    }

    @Test
    void administratorMakesFurtherTokens() throws Exception {
        String body = "{\"uses\":1,\"hours\":2,\"group\":\"R&D\"}";
        String text =
                TestServer.JSON
                        .readTree(server.post("/api/v1/tokens", body).body())
                        .get("token")
                        .asString();
        try (TestDevice device = TestDevice.enrol(EnrolmentToken.parse(text))) {
            assertThat(device.answer.group()).isEqualTo("R&D");
        }
        for (String bad :
                List.of(
                        "{\"uses\":0,\"hours\":1}",
                        "{\"uses\":1,\"hours\":0}",
                        "{\"uses\":1,\"hours\":1,\"group\":\"=x\"}")) {
            assertThat(TestServer.code(server.post("/api/v1/tokens", bad)))
                    .isEqualTo("400 CHP-SRV-001");
        }
    }
}
