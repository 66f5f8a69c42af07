// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import dev.chaperone.inspector.http.RequestHead;
import dev.chaperone.model.prompt.Answer;
import java.util.List;

/**
 * Reads one answer while it passes. One per answer; not thread-safe. Keeps at most 1 MiB of text.
 */
public final class AnswerReader {
    private AnswerReader() {}

    /**
     * A reader for an HTTP answer.
     *
     * @param contentType the answer's, or the empty string
     */
    public static AnswerReader forResponse(
            EndpointMatch match, RequestHead head, int status, String contentType) {
        return new AnswerReader();
    }

    /** A reader for what the service sends over a WebSocket. */
    public static AnswerReader forMessages(EndpointMatch match, RequestHead head) {
        return new AnswerReader();
    }

    /** Takes the next bytes of the body, after Content-Encoding, cut anywhere. */
    public void feed(byte[] bytes, int offset, int length) {}

    /** Takes a whole message. */
    public void message(byte[] payload, boolean text) {}

    /** What was read so far. May be called again after more was fed. */
    public Answer finish() {
        return new Answer(null, null, List.of(), null, null, null, false);
    }
}
