// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.service;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to read an answer.
 *
 * @param whenContentType regex searched for in the content type, or null for any
 * @param framing how the stream is cut into events: {@code sse}, {@code ndjson}, {@code json} …
 * @param stopAt data values that end the stream
 * @param item path that turns a frame into its events, or null
 * @param dedupe path of a key: an event with a key seen before is dropped; or null
 * @param strip characters removed from the final text
 * @param unwrap a base64 member that holds the event, or null
 * @param patch the document-patch dialect, or null
 * @param rules run for each event, in order
 */
public record ResponseFacts(
        @Nullable String whenContentType,
        String framing,
        List<String> stopAt,
        @Nullable String item,
        @Nullable String dedupe,
        String strip,
        @Nullable String unwrap,
        @Nullable PatchFacts patch,
        List<AnswerRule> rules) {
    public ResponseFacts {
        stopAt = List.copyOf(stopAt);
        rules = List.copyOf(rules);
    }
}
