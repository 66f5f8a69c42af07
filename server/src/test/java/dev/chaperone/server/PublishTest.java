// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.policies.bundle.BundleKeys;
import dev.chaperone.policies.bundle.BundleVerifier;
import dev.chaperone.policies.bundle.VerifiedBundle;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublishTest {
    private static final String GOOD = SamplePolicy.YAML;

    @TempDir Path folder;
    private TestServer server;
    private TestDevice device;

    @BeforeEach
    void start() throws Exception {
        server = TestServer.start(folder);
        device = server.enrol();
    }

    @AfterEach
    void stop() {
        device.close();
        server.close();
    }

    private VerifiedBundle verified(HttpResponse<String> response) throws Exception {
        byte[] key = Base64.getDecoder().decode(device.answer.policyKey());
        return new BundleVerifier(List.of(BundleKeys.publicKey(key)))
                .verify(response.body().getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void nothingIsPublishedAtFirst() throws Exception {
        assertThat(TestServer.code(device.policy(null))).isEqualTo("404 CHP-SRV-404");
    }

    @Test
    void deviceVerifiesWhatItFetchesWithTheKeyFromItsEnrolment() throws Exception {
        assertThat(server.put("/api/v1/policy", GOOD).statusCode()).isEqualTo(201);
        VerifiedBundle first = verified(device.policy(null));
        assertThat(first.bundle().version()).isEqualTo(1);
        assertThat(first.bundle().policy()).isEqualTo(GOOD);
        assertThat(first.bundle().expires())
                .isEqualTo(server.clock.instant().plus(Duration.ofDays(30)));
        String next = GOOD.replace("small", "smaller");
        server.put("/api/v1/policy", next);
        assertThat(verified(device.policy(null)).bundle().version()).isEqualTo(2);
    }

    @Test
    void unchangedPolicyIsNotSentAgain() throws Exception {
        server.put("/api/v1/policy", GOOD);
        String etag = device.policy(null).headers().firstValue("etag").orElseThrow();
        assertThat(device.policy(etag).statusCode()).isEqualTo(304);
        assertThat(device.policy("\"x\", W/" + etag).statusCode()).isEqualTo(304);
        server.put("/api/v1/policy", GOOD);
        assertThat(device.policy(etag).statusCode()).as("signed anew").isEqualTo(200);
    }

    @Test
    void policyThatCannotBeUsedIsRefusedWithItsLine() throws Exception {
        String misspelt = GOOD.replace("when:", "whenn:");
        HttpResponse<String> response = server.put("/api/v1/policy?name=p.yaml", misspelt);
        assertThat(TestServer.code(response)).isEqualTo("422 CHP-SRV-040");
        assertThat(response.body()).contains("p.yaml:5: unknown key 'whenn'");
        String red = GOOD.replace("[EMAIL], expect: allow", "[EMAIL], expect: block");
        assertThat(server.put("/api/v1/policy", red).body()).contains("test of rule 'secrets-out'");
        assertThat(TestServer.code(device.policy(null))).isEqualTo("404 CHP-SRV-404");
    }

    @Test
    void onlyAdministratorsPublish() throws Exception {
        var request =
                server.bare("/api/v1/policy")
                        .PUT(java.net.http.HttpRequest.BodyPublishers.ofString(GOOD));
        assertThat(TestServer.code(server.send(request))).isEqualTo("401 CHP-SRV-030");
        request.header("authorization", "Bearer wrong");
        assertThat(TestServer.code(server.send(request))).isEqualTo("401 CHP-SRV-030");
    }
}
