// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import dev.chaperone.inspector.body.BodyFormatException;
import dev.chaperone.inspector.body.FormReader;
import dev.chaperone.inspector.body.JsonArray;
import dev.chaperone.inspector.body.JsonObject;
import dev.chaperone.inspector.body.JsonValue;
import dev.chaperone.inspector.body.PlainText;
import dev.chaperone.inspector.body.Source;
import dev.chaperone.inspector.body.Text;
import dev.chaperone.inspector.http.RequestHead;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code @path:}, {@code @query:} and {@code @header:} read.
 *
 * @param head the request's
 * @param pathGroups named groups of the matched path
 */
record Scope(RequestHead head, Map<String, String> pathGroups) {
    @Nullable Text group(String name) {
        String value = pathGroups.get(name);
        return value == null || value.isEmpty() ? null : new PlainText(UrlPaths.decode(value));
    }

    @Nullable Text header(String name) {
        String value = head.header(name).orElse(null);
        return value == null ? null : new PlainText(value);
    }

    @Nullable Text parameter(String name) {
        JsonValue value = query().get(name);
        if (value instanceof JsonArray several) {
            value = several.elements().getFirst();
        }
        return value instanceof Text text ? text : null;
    }

    JsonObject query() {
        try {
            return FormReader.read(
                    head.query().getBytes(StandardCharsets.ISO_8859_1), Source.DETACHED);
        } catch (BodyFormatException _) {
            return new JsonObject();
        }
    }
}
