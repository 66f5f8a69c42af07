// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.body;

import java.nio.charset.StandardCharsets;

/** Reads {@code application/x-www-form-urlencoded} bodies and query strings (WHATWG URL §5.1). */
public final class FormReader {
    private FormReader() {}

    /** Field names to their values; a name that comes again has an array. */
    public static JsonObject read(byte[] body, Source source) throws BodyFormatException {
        JsonObject form = new JsonObject();
        int start = 0;
        for (int i = 0; i <= body.length; i++) {
            if (i == body.length || body[i] == '&') {
                if (i > start) {
                    field(body, start, i, source, form);
                }
                start = i + 1;
            }
        }
        return form;
    }

    private static void field(byte[] body, int start, int end, Source source, JsonObject form)
            throws BodyFormatException {
        int equals = start;
        while (equals < end && body[equals] != '=') {
            equals++;
        }
        String name = new String(FormText.unescape(body, start, equals), StandardCharsets.UTF_8);
        put(form, name, new FormText(body, Math.min(equals + 1, end), end, source));
    }

    static void put(JsonObject form, String name, JsonValue value) {
        switch (form.get(name)) {
            case null -> form.add(name, value);
            case JsonArray several -> several.elements().add(value);
            case JsonValue first -> {
                JsonArray several = new JsonArray();
                several.elements().add(first);
                several.elements().add(value);
                form.put(name, several);
            }
        }
    }
}
