// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.service;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One kind of request that a service answers.
 *
 * @param id unique within the service
 * @param method {@code POST} or {@code A|B}
 * @param path regex, matched against the whole URL path without query
 * @param kind what travels in it
 * @param transport how it travels
 * @param hosts host patterns that replace the service's; empty for the service's
 * @param matchHeaders header name → regex searched for in its value (the empty string when absent)
 * @param matchBody filter on the decoded JSON body, or null
 * @param request how to read the request
 * @param responses how to read the answer: the first whose content type fits
 * @param blockReply how to refuse, or null for the generic reply
 * @param confidence how the facts are known
 */
public record Endpoint(
        String id,
        String method,
        String path,
        Kind kind,
        Transport transport,
        List<String> hosts,
        Map<String, String> matchHeaders,
        @Nullable String matchBody,
        RequestFacts request,
        List<ResponseFacts> responses,
        @Nullable BlockReply blockReply,
        Confidence confidence) {
    public Endpoint {
        hosts = List.copyOf(hosts);
        matchHeaders = Map.copyOf(matchHeaders);
        responses = List.copyOf(responses);
    }

    /** An HTTP endpoint with a JSON body of which nothing is declared. */
    public Endpoint(String id, String method, String path, Kind kind) {
        this(
                id,
                method,
                path,
                kind,
                Transport.HTTP,
                List.of(),
                Map.of(),
                null,
                RequestFacts.JSON,
                List.of(),
                null,
                Confidence.DOCUMENTED);
    }

    /** How an endpoint travels. */
    public enum Transport {
        HTTP,
        /** A WebSocket, RFC 6455. */
        WS,
        /** Connect or gRPC over HTTP/2. */
        H2_CONNECT,
        /** Connect over HTTP/1.1. */
        HTTP1_CONNECT;

        /** The catalogue's name: lower case, dashed. */
        public String id() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }
    }

    /** What an endpoint carries. */
    public enum Kind {
        PROMPT,
        /** Inline code completion: never held, never a card. */
        COMPLETION,
        /** Sent while typing: never held, never a card. */
        DRAFT,
        UPLOAD,
        EMBEDDING,
        TOOL,
        MESSAGE,
        /** Its answer carries what was asked elsewhere: read as {@link #CONTROL} is. */
        RESPONSE_ONLY,
        /**
         * Beside prompts (telemetry, settings, token counts): read like any other, never a card, an
         * event only when policy does more than allow or something was not read.
         */
        CONTROL;

        /** The catalogue's name: lower case, dashed. */
        public String id() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }
    }
}
