// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.body;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Where the bytes of a document come from: how to change some of them. */
public abstract class Source {
    /** The body itself. */
    public static final Source BODY =
            new Source() {
                @Override
                void edit(int from, int to, byte[] with, Edits edits) {
                    edits.add(from, to, with);
                }
            };

    /** Bytes that are no part of a request: nothing can be changed. */
    public static final Source DETACHED =
            new Source() {
                @Override
                void edit(int from, int to, byte[] with, Edits edits) {
                    throw new UnsupportedOperationException("no place in the body");
                }
            };

    abstract void edit(int from, int to, byte[] with, Edits edits);

    /** The UTF-8 form of a text: JSON in a JSON string, in a form field … */
    static final class InText extends Source {
        private final Text text;
        private final byte[] bytes;

        InText(Text text, byte[] bytes) {
            this.text = text;
            this.bytes = bytes;
        }

        @Override
        void edit(int from, int to, byte[] with, Edits edits) {
            boolean ascii = bytes.length == text.value().length();
            int start = ascii ? from : Utf8.chars(bytes, 0, from);
            int end = ascii ? to : start + Utf8.chars(bytes, from, to);
            text.edit(start, end, new String(with, StandardCharsets.UTF_8), edits);
        }
    }

    /** What a text holds in base64; all changes are encoded again together. */
    public static final class InBase64 extends Source {
        private final Text text;
        private final int start;
        private final byte[] decoded;
        private final boolean padded;
        private final boolean url;

        /**
         * @param text holds the base64 from {@code start} to its end
         * @param decoded what it means
         */
        public InBase64(Text text, int start, byte[] decoded) {
            this.text = text;
            this.start = start;
            this.decoded = decoded;
            String encoded = text.value();
            this.padded = encoded.length() % 4 == 0 || encoded.endsWith("=") || start > 0;
            this.url = encoded.indexOf('-', start) >= 0 || encoded.indexOf('_', start) >= 0;
        }

        @Override
        void edit(int from, int to, byte[] with, Edits edits) {
            edits.inside(this).add(from, to, with);
        }

        void encode(Edits inner, Edits outer) {
            Base64.Encoder encoder = url ? Base64.getUrlEncoder() : Base64.getEncoder();
            byte[] changed = inner.applyTo(decoded);
            text.edit(
                    start,
                    text.value().length(),
                    (padded ? encoder : encoder.withoutPadding()).encodeToString(changed),
                    outer);
        }
    }
}
