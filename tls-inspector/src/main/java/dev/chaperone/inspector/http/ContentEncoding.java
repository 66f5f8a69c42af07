// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.http;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.encoder.Encoder;
import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;

/** Applies content codings (RFC 9110 §8.4) to a body that was decoded and changed. */
public final class ContentEncoding {
    private static final int ZSTD_LEVEL = 3;

    private ContentEncoding() {}

    /**
     * Encodes in the order the header names.
     *
     * @param header value of {@code content-encoding}, may be empty
     * @throws UndecodableException when a coding is not known
     */
    public static byte[] encode(String header, byte[] body) throws UndecodableException {
        byte[] result = body;
        for (String coding : header.split(",")) {
            result = one(coding.strip().toLowerCase(Locale.ROOT), result);
        }
        return result;
    }

    private static byte[] one(String coding, byte[] body) throws UndecodableException {
        try {
            return switch (coding) {
                case "", "identity" -> body;
                case "gzip", "x-gzip" -> pour(body, GZIPOutputStream::new);
                case "deflate" -> pour(body, DeflaterOutputStream::new);
                case "br" -> {
                    Brotli4jLoader.ensureAvailability();
                    yield Encoder.compress(body);
                }
                case "zstd" -> Zstd.compress(body, ZSTD_LEVEL);
                default ->
                        throw new UndecodableException(UndecodableException.Reason.UNKNOWN_CODING);
            };
        } catch (IOException e) {
            throw new UndecodableException(UndecodableException.Reason.UNKNOWN_CODING);
        }
    }

    private interface Wrapper {
        OutputStream around(OutputStream out) throws IOException;
    }

    private static byte[] pour(byte[] body, Wrapper wrapper) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(body.length / 2 + 64);
        try (OutputStream out = wrapper.around(bytes)) {
            out.write(body);
        }
        return bytes.toByteArray();
    }
}
