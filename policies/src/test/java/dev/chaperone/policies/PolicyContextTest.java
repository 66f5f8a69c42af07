// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.prompt.Account;
import dev.chaperone.model.prompt.ClientProcess;
import dev.chaperone.model.prompt.Exchange;
import dev.chaperone.model.prompt.Origin;
import dev.chaperone.model.prompt.Prompt;
import dev.chaperone.model.prompt.Segment;
import dev.chaperone.model.service.AiService;
import dev.chaperone.model.service.Endpoint;
import java.util.List;
import org.junit.jupiter.api.Test;

class PolicyContextTest {
    @Test
    void exchangeAndPromptFillTheContextAndTheTextIsHidden() {
        Endpoint endpoint = new Endpoint("chat", "POST", "/c", Endpoint.Kind.RESPONSE_ONLY);
        AiService service =
                new AiService(
                        "made-up",
                        "Made up",
                        "Nobody",
                        "api",
                        List.of("a.b"),
                        true,
                        true,
                        List.of(endpoint));
        Exchange exchange =
                new Exchange(
                        1,
                        service,
                        endpoint,
                        "a.b",
                        "h2",
                        new ClientProcess(1, 1, "/usr/bin/curl"),
                        true,
                        _ -> false);
        Prompt prompt =
                new Prompt(
                        List.of(new Segment(0, "canary", Origin.HISTORY)),
                        "canary",
                        List.of(),
                        "model-1",
                        null,
                        new Account("personal", null),
                        List.of());
        PolicyContext context = PolicyContext.of(exchange, prompt).build();
        assertThat(context.serviceId()).isEqualTo("made-up");
        assertThat(context.serviceCategory()).isEqualTo("api");
        assertThat(context.endpointKind()).isEqualTo("response-only");
        assertThat(context.accountKind()).isEqualTo("personal");
        assertThat(context.appName()).isEqualTo("curl");
        assertThat(context.model()).isEqualTo("model-1");
        assertThat(context.originOf(0)).isEqualTo(Origin.HISTORY);
        assertThat(context.originOf(7)).isEqualTo(Origin.USER);
        assertThat(context.toString()).doesNotContain("canary");
    }
}
