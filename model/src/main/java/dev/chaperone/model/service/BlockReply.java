// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.service;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a refusal has to look for the service's clients to show it. In every text {@code {message}}
 * stands for the coaching text and {@code {request_id}} for the value at {@code requestId}.
 *
 * @param status HTTP status
 * @param contentType of the reply
 * @param headers further headers
 * @param body JSON text, or null
 * @param bodyRaw body that is not JSON, or null
 * @param sse events for a client that asked for a stream; empty when there are none
 * @param streamReply true when a client that asked for a stream has to get {@code sse} with status
 *     200; false when the plain reply is the better one for it too
 * @param wsFrames text messages for a WebSocket client
 * @param connectEnd JSON text of a Connect end frame, or null
 * @param requestId path in the refused request of the value that the reply has to repeat
 */
public record BlockReply(
        int status,
        String contentType,
        Map<String, String> headers,
        @Nullable String body,
        @Nullable String bodyRaw,
        List<String> sse,
        boolean streamReply,
        List<String> wsFrames,
        @Nullable String connectEnd,
        String requestId) {
    public BlockReply {
        headers = Map.copyOf(headers);
        sse = List.copyOf(sse);
        wsFrames = List.copyOf(wsFrames);
    }
}
