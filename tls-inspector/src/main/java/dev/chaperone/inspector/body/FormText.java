// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.body;

import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** A value of a form in {@code application/x-www-form-urlencoded} (WHATWG URL §5.1). */
final class FormText extends Text {
    private final byte[] bytes;
    private final int start;
    private final int end;
    private final Source source;
    private final byte[] plain;

    FormText(byte[] bytes, int start, int end, Source source) throws BodyFormatException {
        this.bytes = bytes;
        this.start = start;
        this.end = end;
        this.source = source;
        this.plain = unescape(bytes, start, end);
        if (!Utf8.isValid(plain, 0, plain.length)) {
            throw new BodyFormatException(BodyFormatException.Reason.NOT_UTF8);
        }
    }

    static byte[] unescape(byte[] bytes, int start, int end) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(end - start);
        for (int i = start; i < end; i += step(bytes, i, end)) {
            int step = step(bytes, i, end);
            if (step == 3) {
                out.write(
                        Character.digit(bytes[i + 1], 16) << 4 | Character.digit(bytes[i + 2], 16));
            } else {
                out.write(bytes[i] == '+' ? ' ' : bytes[i]);
            }
        }
        return out.toByteArray();
    }

    /** How many bytes stand for the next one; a percent sign without two digits is itself. */
    private static int step(byte[] bytes, int i, int end) {
        return bytes[i] == '%'
                        && i + 2 < end
                        && Character.digit(bytes[i + 1], 16) >= 0
                        && Character.digit(bytes[i + 2], 16) >= 0
                ? 3
                : 1;
    }

    @Override
    String decode() {
        return new String(plain, StandardCharsets.UTF_8);
    }

    @Override
    public void edit(int from, int to, String with, Edits edits) {
        int first = Utf8.offset(plain, 0, from, false);
        int last = Utf8.offset(plain, 0, to, true);
        int begin = skip(start, first);
        source.edit(
                begin,
                skip(begin, last - first),
                URLEncoder.encode(with, StandardCharsets.UTF_8).getBytes(StandardCharsets.US_ASCII),
                edits);
    }

    private int skip(int from, int count) {
        int i = from;
        for (int n = 0; n < count; n++) {
            i += step(bytes, i, end);
        }
        return i;
    }
}
