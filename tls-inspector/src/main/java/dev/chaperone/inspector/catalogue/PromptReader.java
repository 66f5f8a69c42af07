// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import dev.chaperone.inspector.http.RequestHead;
import dev.chaperone.model.prompt.NotInspected;

/** Reads prompts out of request bodies and client messages. */
public final class PromptReader {
    private PromptReader() {}

    /**
     * Reads a request body.
     *
     * @param decodedBody after Content-Encoding
     */
    public static Reading read(EndpointMatch match, RequestHead head, byte[] decodedBody) {
        return new Reading.Unreadable(
                new NotInspected(NotInspected.Reason.NOT_BUILT, "CHP-CAT-001", decodedBody.length));
    }

    /**
     * Reads one message that a client sent over a WebSocket.
     *
     * @param payload unmasked and inflated
     * @param text true for a text message
     */
    public static Reading readMessage(
            EndpointMatch match, RequestHead head, byte[] payload, boolean text) {
        return new Reading.Unreadable(
                new NotInspected(NotInspected.Reason.NOT_BUILT, "CHP-CAT-001", payload.length));
    }
}
