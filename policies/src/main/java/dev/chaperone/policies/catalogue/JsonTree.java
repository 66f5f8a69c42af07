// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies.catalogue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * A JSON value that knows its line. Cheaper to build for a hundred files than data binding, and its
 * lines are what an administrator needs.
 *
 * @param value {@code Map<String, JsonTree>}, {@code List<JsonTree>}, String, Boolean, Number, or
 *     null
 * @param line from 1
 */
record JsonTree(@Nullable Object value, int line) {
    private static final JsonFactory JSON =
            JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    static JsonTree parse(byte[] json, String source) {
        try (JsonParser in = JSON.createParser(ObjectReadContext.empty(), json)) {
            in.nextToken();
            JsonTree tree = read(in, source);
            if (in.nextToken() != null) {
                throw new CatalogueFormatException(
                        source, in.currentLocation().getLineNr(), "text after the end");
            }
            return tree;
        } catch (JacksonException e) {
            int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            throw new CatalogueFormatException(
                    source, Math.max(line, 0), "not valid JSON: check quotes, commas and brackets");
        }
    }

    private static JsonTree read(JsonParser in, String source) {
        int line = in.currentTokenLocation().getLineNr();
        JsonToken token = in.currentToken();
        if (token == null) {
            throw new CatalogueFormatException(source, 1, "the file is empty");
        }
        return switch (token) {
            case START_OBJECT -> {
                Map<String, JsonTree> members = new LinkedHashMap<>();
                while (in.nextToken() == JsonToken.PROPERTY_NAME) {
                    String name = in.currentName();
                    int nameLine = in.currentTokenLocation().getLineNr();
                    in.nextToken();
                    JsonTree member = read(in, source);
                    // A member is reported where its name stands.
                    members.put(name, new JsonTree(member.value, nameLine));
                }
                yield new JsonTree(members, line);
            }
            case START_ARRAY -> {
                List<JsonTree> elements = new ArrayList<>();
                while (in.nextToken() != JsonToken.END_ARRAY) {
                    elements.add(read(in, source));
                }
                yield new JsonTree(elements, line);
            }
            case VALUE_STRING -> new JsonTree(in.getString(), line);
            case VALUE_TRUE -> new JsonTree(true, line);
            case VALUE_FALSE -> new JsonTree(false, line);
            case VALUE_NULL -> new JsonTree(null, line);
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new JsonTree(in.getNumberValue(), line);
            default -> throw new CatalogueFormatException(source, line, "not valid JSON");
        };
    }

    /** The value as compact JSON, members in the order of the file. */
    String toJson() {
        StringBuilder out = new StringBuilder();
        write(out);
        return out.toString();
    }

    private void write(StringBuilder out) {
        switch (value) {
            case Map<?, ?> members -> {
                out.append('{');
                for (Map.Entry<?, ?> member : members.entrySet()) {
                    if (out.charAt(out.length() - 1) != '{') {
                        out.append(',');
                    }
                    quote((String) member.getKey(), out);
                    out.append(':');
                    ((JsonTree) member.getValue()).write(out);
                }
                out.append('}');
            }
            case List<?> elements -> {
                out.append('[');
                for (Object element : elements) {
                    if (out.charAt(out.length() - 1) != '[') {
                        out.append(',');
                    }
                    ((JsonTree) element).write(out);
                }
                out.append(']');
            }
            case String text -> quote(text, out);
            case null -> out.append("null");
            default -> out.append(value);
        }
    }

    private static void quote(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                default -> {
                    if (c < 0x20) {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
