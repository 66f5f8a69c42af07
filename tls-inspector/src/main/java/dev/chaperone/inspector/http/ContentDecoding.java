// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.http;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.github.luben.zstd.ZstdInputStream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.compression.DecompressionException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/** Undoes content codings (RFC 9110 §8.4) on a copy of a body. */
public final class ContentDecoding {
    private ContentDecoding() {}

    /**
     * The body as its media type describes it.
     *
     * @param contentEncoding the header's value: codings in the order they were applied, or empty
     * @param body the octets on the wire; returned as it is when there is no coding
     * @param maxBytes the largest result that is accepted, after each coding
     */
    public static byte[] decode(String contentEncoding, byte[] body, int maxBytes)
            throws UndecodableException {
        byte[] decoded = body;
        String[] codings = contentEncoding.split(",");
        for (int i = codings.length - 1; i >= 0; i--) {
            String coding = codings[i].strip().toLowerCase(Locale.ROOT);
            if (!coding.isEmpty() && !coding.equals("identity")) {
                decoded = undo(coding, decoded, maxBytes);
            }
        }
        if (decoded.length > maxBytes) {
            throw new UndecodableException(UndecodableException.Reason.TOO_LARGE);
        }
        return decoded;
    }

    private static byte[] undo(String coding, byte[] body, int maxBytes)
            throws UndecodableException {
        if (coding.equals("br")) {
            return brotli(body, maxBytes);
        }
        try (InputStream in = open(coding, body)) {
            ByteArrayOutputStream out =
                    new ByteArrayOutputStream((int) Math.min(maxBytes, body.length * 4L + 64));
            byte[] buffer = new byte[8192];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (out.size() + (long) n > maxBytes) {
                    throw new UndecodableException(UndecodableException.Reason.TOO_LARGE);
                }
                out.write(buffer, 0, n);
            }
            return out.toByteArray();
        } catch (IOException e) {
            // The message of a decoder can quote what it choked on (DESIGN §2 rule 4).
            throw new UndecodableException(UndecodableException.Reason.MALFORMED);
        }
    }

    private static InputStream open(String coding, byte[] body)
            throws IOException, UndecodableException {
        InputStream in = new ByteArrayInputStream(body);
        return switch (coding) {
            case "gzip", "x-gzip" -> new GZIPInputStream(in);
            case "deflate" -> new InflaterInputStream(in, new Inflater(!hasZlibHeader(body)));
            case "zstd" -> new ZstdInputStream(in);
            default -> throw new UndecodableException(UndecodableException.Reason.UNKNOWN_CODING);
        };
    }

    /** Not by Brotli4j's own stream: it calls a body over its window of 4 MiB cut off. */
    private static byte[] brotli(byte[] body, int maxBytes) throws UndecodableException {
        if (!Brotli4jLoader.isAvailable()) {
            throw new UndecodableException(UndecodableException.Reason.UNKNOWN_CODING);
        }
        BrotliStreamDecoder decoder = new BrotliStreamDecoder();
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteBuf in = Unpooled.wrappedBuffer(body);
            do {
                byte[] step = decoder.decode(in);
                if (out.size() + (long) step.length > maxBytes) {
                    throw new UndecodableException(UndecodableException.Reason.TOO_LARGE);
                }
                out.writeBytes(step);
            } while (in.isReadable() || decoder.pending());
            if (!decoder.finished()) {
                throw new UndecodableException(UndecodableException.Reason.MALFORMED);
            }
            return out.toByteArray();
        } catch (DecompressionException e) {
            throw new UndecodableException(UndecodableException.Reason.MALFORMED);
        } finally {
            decoder.close();
        }
    }

    /**
     * Some servers and clients send a raw deflate stream under the name {@code deflate}; RFC 9110
     * §8.4.1.2 wants the zlib format (RFC 1950 §2.2: method 8, header divisible by 31).
     */
    private static boolean hasZlibHeader(byte[] body) {
        return body.length >= 2
                && (body[0] & 0x0f) == 8
                && ((body[0] & 0xff) << 8 | (body[1] & 0xff)) % 31 == 0;
    }
}
