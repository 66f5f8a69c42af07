// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A monitored agent: figures of what really passed, on loopback, and none unless asked for. */
@Timeout(60)
class HealthJourneyTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private String health(WholeProduct product) throws Exception {
        Properties status = new Properties();
        try (var in = Files.newBufferedReader(product.data().resolve("status"))) {
            status.load(in);
        }
        return status.getProperty("health", "");
    }

    @Test
    void figuresAreOfWhatPassed() throws Exception {
        Path config = Files.writeString(folder.resolve("c.yaml"), "health: 127.0.0.1:0\n");
        try (WholeProduct product = new WholeProduct(folder);
                HttpClient client = HttpClient.newHttpClient()) {
            product.startAgent("--config", config.toString());
            assertThat(product.stream("what is a monad?")).contains(" 200 ");
            String base = "http://" + health(product);
            assertThat(get(client, base + "/livez")).isEqualTo("ok\n");
            assertThat(get(client, base + "/metrics"))
                    .contains("chaperone_decision_seconds_count{service=\"openai-api\"} 1")
                    .contains("chaperone_first_answer_seconds_count{service=\"openai-api\"} 1")
                    .contains("chaperone_proxy_total{what=\"inspected\"} 1.0")
                    .doesNotContain("monad");
        }
    }

    @Test
    void offUnlessAskedFor() throws Exception {
        try (WholeProduct product = new WholeProduct(folder)) {
            product.startAgent();
            assertThat(health(product)).isEmpty();
        }
    }

    private static String get(HttpClient client, String url) throws Exception {
        return client.send(
                        HttpRequest.newBuilder(URI.create(url)).build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
