// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.http;

import java.util.List;
import java.util.Optional;

/**
 * Status line and header block, the same for every HTTP version.
 *
 * @param status 100 … 999
 * @param reason reason phrase of HTTP/1.1, may be empty
 * @param headers in order, without HTTP/2 pseudo headers
 */
public record ResponseHead(int status, String reason, List<HeaderField> headers) {
    /** The codings of the body in the order they were applied; empty for none (RFC 9110 §8.4). */
    public String contentEncoding() {
        return HeaderField.combined(headers, "content-encoding");
    }

    /** First value of a header, compared without case. */
    public Optional<String> header(String name) {
        return headers.stream()
                .filter(f -> f.name().equalsIgnoreCase(name))
                .map(HeaderField::value)
                .findFirst();
    }

    /** 1xx: another head follows for the same request (RFC 9110 §15.2). */
    public boolean informational() {
        return status >= 100 && status < 200 && status != 101;
    }

    /** Hides the headers. */
    @Override
    public String toString() {
        return "ResponseHead[" + status + "]";
    }
}
