// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.sync;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Problem details (RFC 9457) as far as a person can use them.
 *
 * @param title what went wrong, or null
 * @param detail more of it, or null
 * @param code stable code, {@code CHP-SRV-…}, or null
 */
record Problem(@Nullable String title, @Nullable String detail, @Nullable String code) {
    private static final int LONGEST = 300;
    private static final JsonMapper JSON =
            JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    /** One line for the person about an answer that is no success. */
    static String describe(int status, byte[] body) {
        try {
            Problem problem = JSON.readValue(body, Problem.class);
            if (problem != null && (problem.title != null || problem.detail != null)) {
                String text = problem.detail != null ? problem.detail : problem.title;
                return shortened(text + (problem.code == null ? "" : " (" + problem.code + ")"));
            }
        } catch (JacksonException e) {
            // no problem+json: the status alone is told
        }
        return "the server answered with status " + status;
    }

    /** Of another machine: one line, no control characters. */
    private static String shortened(String text) {
        String line = text.replaceAll("\\p{C}+", " ").strip();
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
    }
}
