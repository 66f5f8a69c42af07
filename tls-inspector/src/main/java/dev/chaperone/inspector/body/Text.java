// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.body;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A text of a document and the way back to the bytes it was decoded from. */
public abstract non-sealed class Text implements JsonValue {
    // Decoded on first use; a race writes equal values.
    private @Nullable String value;
    private @Nullable JsonValue parsed;
    private boolean unparsable;

    /** The text after every decoding step. */
    public String value() {
        String known = value;
        if (known == null) {
            known = decode();
            value = known;
        }
        return known;
    }

    abstract String decode();

    /**
     * Notes that UTF-16 units {@code [start, end)} shall read {@code with}.
     *
     * @throws UnsupportedOperationException when the text has no place in the body
     */
    public abstract void edit(int start, int end, String with, Edits edits);

    /** True when escapes stand in the encoded form. */
    public boolean isEscaped() {
        return false;
    }

    /** The JSON document that the text is, if it is one. Always the same instance. */
    public Optional<JsonValue> parsed() {
        if (parsed == null && !unparsable) {
            String text = value();
            try {
                byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                parsed = JsonReader.read(bytes, new Source.InText(this, bytes));
            } catch (BodyFormatException _) {
                unparsable = true;
            }
        }
        return Optional.ofNullable(parsed);
    }

    /** True when {@link #parsed} was asked and is there. */
    public boolean wasParsed() {
        return parsed != null;
    }

    /** Hides the text. */
    @Override
    public String toString() {
        return getClass().getSimpleName() + "[]";
    }
}
