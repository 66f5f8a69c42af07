// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.http;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The one JSON mapper: unknown keys are skipped, so that newer devices can talk to an older server.
 */
public final class Json {
    private static final int MAX_DEPTH = 32;

    public static final JsonMapper MAPPER =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(MAX_DEPTH)
                                                    .build())
                                    .build())
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .build();

    private Json() {}

    /**
     * Reads a request's body.
     *
     * @throws Problem 400 when it is not of this form; Jackson's own message quotes the body and is
     *     dropped
     */
    public static <T> T read(byte[] body, Class<T> type) {
        try {
            T value = MAPPER.readValue(body, type);
            if (value != null) {
                return value;
            }
        } catch (JacksonException | NullPointerException e) {
            // Said below. A record's constructor throws the second for what is missing.
        }
        throw Problem.badRequest("the body is not JSON of the form " + type.getSimpleName());
    }
}
