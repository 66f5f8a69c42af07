// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.http;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.GZIPInputStream;

/** Reads request bodies without trusting their size. */
public final class Bodies {
    private Bodies() {}

    /**
     * A body as it was sent, at most so many bytes.
     *
     * @param gzip whether it is to be decoded
     * @param limit most bytes, of the body as sent and of the decoded one
     */
    public record Sent(
            @SuppressWarnings("ArrayRecordComponent") byte[] bytes, boolean gzip, int limit) {
        /**
         * The body, decoded when it is {@code gzip} (RFC 9110 §8.4.1.3).
         *
         * @throws Problem 413 when it is larger, 400 when it cannot be decoded
         */
        public byte[] decoded() {
            return gzip ? gunzip(bytes, limit) : bytes;
        }

        /** Without the body. */
        @Override
        public String toString() {
            return "Sent[" + bytes.length + " bytes]";
        }
    }

    /** The body, received and decoded. */
    public static byte[] read(ServerRequest request, int limit) {
        return receive(request, limit).decoded();
    }

    /**
     * Receives the body, for as long as the client takes.
     *
     * @throws Problem 413 when it is larger, 415 when it is neither gzip nor uncoded
     */
    public static Sent receive(ServerRequest request, int limit) {
        String coding =
                request.headers()
                        .first(HeaderNames.CONTENT_ENCODING)
                        .orElse("identity")
                        .strip()
                        .toLowerCase(Locale.ROOT);
        if (!coding.equals("identity") && !coding.equals("gzip")) {
            throw new Problem(415, "CHP-SRV-005", "send the body as gzip or uncoded");
        }
        long announced = request.headers().contentLength().orElse(0);
        if (announced > limit) {
            throw tooLarge(limit);
        }
        return new Sent(bounded(raw(request), limit), coding.equals("gzip"), limit);
    }

    private static InputStream raw(ServerRequest request) {
        return request.content().hasEntity()
                ? request.content().inputStream()
                : InputStream.nullInputStream();
    }

    private static byte[] gunzip(byte[] sent, int limit) {
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(sent))) {
            return bounded(in, limit);
        } catch (IOException e) {
            throw Problem.badRequest("the body is not gzip");
        }
    }

    /** Stops at the first byte over the limit: a bomb is never blown up. */
    private static byte[] bounded(InputStream in, int limit) {
        try {
            byte[] read = in.readNBytes(limit + 1);
            if (read.length > limit) {
                throw tooLarge(limit);
            }
            return read;
        } catch (IOException e) {
            throw Problem.badRequest(
                    "the body cannot be read to its end or is not what its coding says");
        }
    }

    private static Problem tooLarge(int limit) {
        return Problem.tooLarge("the body is larger than " + limit + " bytes");
    }
}
