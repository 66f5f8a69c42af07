// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.capture;

import dev.chaperone.inspector.http.HeaderField;
import dev.chaperone.inspector.http.RequestHead;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A recorded exchange.
 *
 * @param id the fixture's id, or {@code FILE#entry}
 * @param head the request's
 * @param body the request's body without Content-Encoding; null when it could not be undone
 * @param bodyBytes size of the body as recorded
 * @param response the answer, or null
 * @param messages WebSocket messages in order; empty for plain HTTP
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record CapturedExchange(
        String id,
        RequestHead head,
        byte @Nullable [] body,
        int bodyBytes,
        @Nullable Response response,
        List<Message> messages) {
    public CapturedExchange {
        messages = List.copyOf(messages);
    }

    /**
     * An answer.
     *
     * @param body without Content-Encoding; empty when it could not be undone
     * @param reads sizes of successive network reads; empty for one
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Response(
            int status, List<HeaderField> headers, byte[] body, List<Integer> reads) {
        public Response {
            headers = List.copyOf(headers);
            reads = List.copyOf(reads);
        }

        /** The content type, or the empty string. */
        public String contentType() {
            for (HeaderField field : headers) {
                if (field.name().equalsIgnoreCase("content-type")) {
                    return field.value();
                }
            }
            return "";
        }
    }

    /**
     * A WebSocket message.
     *
     * @param fromClient who sent it
     * @param text the opcode
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Message(boolean fromClient, boolean text, byte[] payload) {}

    /** Hides the content. */
    @Override
    public String toString() {
        return "CapturedExchange[" + id + "]";
    }
}
