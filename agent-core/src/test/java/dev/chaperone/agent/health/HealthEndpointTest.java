// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HealthEndpointTest {
    private final AtomicReference<Optional<String>> trouble =
            new AtomicReference<>(Optional.empty());
    private final PrometheusMeasurements measurements =
            new PrometheusMeasurements(() -> Map.of("exchanges", 7L));
    private final HttpClient client = HttpClient.newHttpClient();

    @SuppressWarnings("NullAway.Init") // set before each
    private HealthEndpoint endpoint;

    @BeforeEach
    void start() throws Exception {
        endpoint =
                HealthEndpoint.start(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        measurements,
                        trouble::get);
    }

    @AfterEach
    void stop() {
        client.close();
        endpoint.close();
    }

    private HttpResponse<String> send(String method, String path) throws Exception {
        return client.send(
                HttpRequest.newBuilder(
                                URI.create(
                                        "http://127.0.0.1:" + endpoint.address().getPort() + path))
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void livesUntilThereIsTrouble() throws Exception {
        assertThat(send("GET", "/livez").statusCode()).isEqualTo(200);
        trouble.set(Optional.of("the event store takes nothing"));
        HttpResponse<String> not = send("GET", "/livez");
        assertThat(not.statusCode()).isEqualTo(503);
        assertThat(not.body()).contains("the event store takes nothing");
    }

    @Test
    void figuresHaveTheirQuantilesByService() throws Exception {
        for (int i = 1; i <= 100; i++) {
            measurements.decided("svc", Duration.ofMillis(i));
        }
        measurements.firstAnswer("svc", Duration.ofMillis(250));
        measurements.failed("svc", "CHP-TLS-004");
        String text = send("GET", "/metrics").body();
        assertThat(text)
                .containsPattern(
                        "chaperone_decision_seconds\\{service=\"svc\",quantile=\"0.5\"\\} 0.0(4[89]|5[0-2]?)")
                .containsPattern(
                        "chaperone_decision_seconds\\{service=\"svc\",quantile=\"0.95\"\\} 0.09[4-6]")
                .containsPattern(
                        "chaperone_decision_seconds\\{service=\"svc\",quantile=\"0.99\"\\} 0.(09[89]|1)")
                .contains("chaperone_decision_seconds_count{service=\"svc\"} 100")
                .contains("chaperone_first_answer_seconds_sum{service=\"svc\"} 0.25")
                .contains("chaperone_errors_total{code=\"CHP-TLS-004\",service=\"svc\"} 1.0")
                .contains("chaperone_proxy_total{what=\"exchanges\"} 7.0");
    }

    @Test
    void answersNothingElse() throws Exception {
        assertThat(send("POST", "/metrics").statusCode()).isEqualTo(405);
        assertThat(send("GET", "/").statusCode()).isEqualTo(404);
        assertThat(send("GET", "/metrics/..%2f").statusCode()).isEqualTo(404);
        assertThat(send("GET", "/livezz").statusCode()).isEqualTo(404);
        assertThat(send("HEAD", "/livez").body()).isEmpty();
    }

    @Test
    void isNotForTheNetwork() {
        assertThatIOException()
                .isThrownBy(() ->
                        HealthEndpoint.start(
                                new InetSocketAddress(0), measurements, Optional::empty))
                .withMessageContaining("must be loopback");
    }

    @Test
    void takenPortIsSaid() {
        assertThatIOException()
                .isThrownBy(() ->
                        HealthEndpoint.start(endpoint.address(), measurements, Optional::empty))
                .withMessageContaining("the port is taken; give another");
    }
}
