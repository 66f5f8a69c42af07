// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.capture;

import dev.chaperone.inspector.catalogue.EndpointMatch;
import dev.chaperone.model.prompt.Answer;
import dev.chaperone.model.prompt.Prompt;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the agent sees in a recorded exchange.
 *
 * @param exchange what was recorded
 * @param match the recognised endpoint; null when it is no AI exchange
 * @param prompt everything that was read of the request; of a WebSocket, of all client messages
 * @param declaredTexts the texts that the catalogue declares
 * @param answer what the service answered, or null
 */
public record Inspection(
        CapturedExchange exchange,
        @Nullable EndpointMatch match,
        Prompt prompt,
        List<String> declaredTexts,
        @Nullable Answer answer) {
    public Inspection {
        declaredTexts = List.copyOf(declaredTexts);
    }

    /** The requested model, else the one that answered; or null. */
    public @Nullable String model() {
        return prompt.model() != null || answer == null ? prompt.model() : answer.model();
    }

    /** The conversation that the request names, else the answer; or null. */
    public @Nullable String conversation() {
        return prompt.conversation() != null || answer == null
                ? prompt.conversation()
                : answer.conversation();
    }

    /** Hides the texts. */
    @Override
    public String toString() {
        return "Inspection[" + exchange.id() + ", " + match + "]";
    }
}
