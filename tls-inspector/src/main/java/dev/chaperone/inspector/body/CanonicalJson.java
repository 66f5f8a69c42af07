// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.body;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** JSON with sorted member names and no white space: equal documents read equal. */
public final class CanonicalJson {
    private CanonicalJson() {}

    /** The canonical form of a text that is JSON, else the text itself. */
    public static String ofText(String text) {
        return new PlainText(text).parsed().map(CanonicalJson::of).orElse(text);
    }

    /** A text as it stands between the quotes of a JSON string (RFC 8259 §7). */
    public static String escape(String text) {
        return JsonString.escape(text);
    }

    public static String of(JsonValue value) {
        StringBuilder out = new StringBuilder();
        write(value, out);
        return out.toString();
    }

    private static void write(JsonValue value, StringBuilder out) {
        switch (value) {
            case NumberText number -> out.append(number.value());
            case Text text -> out.append('"').append(JsonString.escape(text.value())).append('"');
            case JsonScalar scalar -> out.append(scalar.raw());
            case JsonArray array -> {
                out.append('[');
                for (int i = 0; i < array.elements().size(); i++) {
                    out.append(i == 0 ? "" : ",");
                    write(array.elements().get(i), out);
                }
                out.append(']');
            }
            case JsonObject object -> {
                out.append('{');
                List<Integer> order =
                        new ArrayList<>(IntStream.range(0, object.size()).boxed().toList());
                order.sort((a, b) -> object.name(a).compareTo(object.name(b)));
                String separator = "";
                for (int i : order) {
                    out.append(separator).append('"').append(JsonString.escape(object.name(i)));
                    out.append("\":");
                    write(object.value(i), out);
                    separator = ",";
                }
                out.append('}');
            }
        }
    }
}
