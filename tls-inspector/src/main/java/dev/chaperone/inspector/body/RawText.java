// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.body;

import java.nio.charset.StandardCharsets;

/** UTF-8 text that stands in a body as it is. */
public final class RawText extends Text {
    private final byte[] bytes;
    private final int start;
    private final int end;
    private final Source source;

    /** The bytes must be valid UTF-8. */
    public RawText(byte[] bytes, int start, int end, Source source) {
        this.bytes = bytes;
        this.start = start;
        this.end = end;
        this.source = source;
    }

    /** True for bytes that can be read as a text. */
    public static boolean fits(byte[] bytes, int start, int end) {
        return Utf8.looksLikeText(bytes, start, end);
    }

    @Override
    String decode() {
        return new String(bytes, start, end - start, StandardCharsets.UTF_8);
    }

    @Override
    public void edit(int from, int to, String with, Edits edits) {
        boolean ascii = value().length() == end - start;
        int first = ascii ? start + from : Utf8.offset(bytes, start, from, false);
        int last = ascii ? start + to : Utf8.offset(bytes, start, to, true);
        source.edit(first, last, with.getBytes(StandardCharsets.UTF_8), edits);
    }
}
