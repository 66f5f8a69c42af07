// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * One HTTP/1.1 message read by hand (RFC 9112 §6, §7), so that no codec under test judges itself.
 *
 * @param head start line and fields with their line ends and the empty line
 * @param body octets after transfer coding, as ISO 8859-1
 * @param trailers trailer fields with their line ends
 * @param rest what stands behind the message
 */
record HttpText(String head, String body, String trailers, String rest) {
    /**
     * Reads the first message of some bytes.
     *
     * @throws IllegalArgumentException when it is not whole
     */
    static HttpText of(byte[] bytes) {
        String all = new String(bytes, StandardCharsets.ISO_8859_1);
        int end = all.indexOf("\r\n\r\n");
        if (end < 0) {
            throw new IllegalArgumentException("no whole head: " + bytes.length + " bytes");
        }
        String head = all.substring(0, end + 4);
        String fields = head.toLowerCase(Locale.ROOT);
        if (fields.contains("\r\ntransfer-encoding: chunked\r\n")) {
            return chunked(head, all, end + 4);
        }
        int at = fields.indexOf("\r\ncontent-length: ");
        int length =
                at < 0
                        ? 0
                        : Integer.parseInt(
                                fields.substring(at + 18, fields.indexOf("\r\n", at + 2)));
        int bodyEnd = end + 4 + length;
        if (bodyEnd > all.length()) {
            throw new IllegalArgumentException("no whole body");
        }
        return new HttpText(head, all.substring(end + 4, bodyEnd), "", all.substring(bodyEnd));
    }

    private static HttpText chunked(String head, String all, int start) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        int at = start;
        while (true) {
            int line = lineEnd(all, at);
            int length = Integer.parseInt(all.substring(at, line).split(";", 2)[0], 16);
            at = line + 2;
            if (length == 0) {
                break;
            }
            body.writeBytes(all.substring(at, at + length).getBytes(StandardCharsets.ISO_8859_1));
            at += length;
            if (!all.startsWith("\r\n", at)) {
                throw new IllegalArgumentException("a chunk of another length");
            }
            at += 2;
        }
        int trailers = at;
        while (!all.startsWith("\r\n", at)) {
            at = lineEnd(all, at) + 2;
        }
        return new HttpText(
                head,
                body.toString(StandardCharsets.ISO_8859_1),
                all.substring(trailers, at),
                all.substring(at + 2));
    }

    private static int lineEnd(String all, int from) {
        int end = all.indexOf("\r\n", from);
        if (end < 0) {
            throw new IllegalArgumentException("no whole line");
        }
        return end;
    }
}
