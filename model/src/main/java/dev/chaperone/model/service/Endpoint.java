// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.service;

/**
 * One kind of request that a service answers.
 *
 * @param id unique within the service
 * @param method {@code POST} or {@code A|B}
 * @param path regex, matched against the whole URL path without query
 * @param kind what travels in it
 */
public record Endpoint(String id, String method, String path, Kind kind) {
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
        RESPONSE_ONLY,
        CONTROL;

        /** The catalogue's name: lower case, dashed. */
        public String id() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }
    }
}
