// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.StreamSupport;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An upstream under an authority that was added here, by a real handshake. */
class ForeignInspectorTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private static Optional<JsonNode> check(AgentUnderTest agent) {
        JsonNode doctor = JsonMapper.builder().build().readTree(agent.doctor());
        assertThat(doctor.path("version").asString()).isNotEmpty();
        assertThat(doctor.has("group")).isTrue();
        return StreamSupport.stream(doctor.path("checks").spliterator(), false)
                .filter(c -> c.path("name").asString().equals("foreign-inspector"))
                .findFirst();
    }

    @Test
    void anchorOfTheUpstreamIsToldOnceAHostWasOpened() throws Exception {
        try (AgentUnderTest agent = new AgentUnderTest(folder, Optional.empty())) {
            assertThat(check(agent)).as("nothing was opened yet").isEmpty();
            try (SSLSocket socket = agent.open("api.openai.com")) {
                assertThat(
                                AgentUnderTest.post(
                                        socket,
                                        "api.openai.com",
                                        "/v1/chat/completions",
                                        "",
                                        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}"
                                                .getBytes(StandardCharsets.UTF_8)))
                        .contains("200");
            }
            JsonNode found = check(agent).orElseThrow();
            assertThat(found.path("state").asString()).isEqualTo("note");
            assertThat(found.path("evidence").asString())
                    .contains("SHA-256")
                    .contains("not of the distribution")
                    .doesNotContain("openai");
        }
    }
}
