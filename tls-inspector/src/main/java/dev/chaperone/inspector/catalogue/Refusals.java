// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import dev.chaperone.inspector.Refusal;
import dev.chaperone.inspector.http.HeaderField;
import dev.chaperone.inspector.http.RequestHead;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Renders a refusal in the shape that each client shows to its person. */
public final class Refusals {
    private Refusals() {}

    /**
     * A complete HTTP reply.
     *
     * @param status never one that SDKs retry
     * @param headers in order, without content-length
     * @param body the octets
     */
    @SuppressWarnings("ArrayRecordComponent") // written once, never compared
    public record HttpReply(int status, List<HeaderField> headers, byte[] body) {
        public HttpReply {
            headers = List.copyOf(headers);
        }
    }

    /** The reply to a refused request. */
    public static HttpReply http(
            @Nullable EndpointMatch match,
            RequestHead head,
            byte @Nullable [] decodedBody,
            Refusal refusal) {
        return new HttpReply(400, List.of(), refusal.message().getBytes(StandardCharsets.UTF_8));
    }

    /** The text messages that answer a refused client message. */
    public static List<byte[]> messages(
            EndpointMatch match, RequestHead head, byte[] refusedMessage, Refusal refusal) {
        return List.of(refusal.message().getBytes(StandardCharsets.UTF_8));
    }
}
