// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import dev.chaperone.inspector.body.JsonArray;
import dev.chaperone.inspector.body.JsonObject;
import dev.chaperone.inspector.body.JsonScalar;
import dev.chaperone.inspector.body.JsonValue;
import dev.chaperone.inspector.body.PlainText;
import dev.chaperone.inspector.body.Text;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The operations of RFC 6902, and append. */
final class JsonPatch {
    private JsonPatch() {}

    static void apply(JsonValue root, List<String> steps, String op, JsonValue value) {
        JsonValue parent = root;
        for (int i = 0; i < steps.size() - 1; i++) {
            JsonValue next = child(parent, steps.get(i));
            if (next == null || !AttachmentReader.isContainer(next)) {
                if (op.equals("remove")) {
                    return;
                }
                next = isIndex(steps.get(i + 1)) ? new JsonArray() : new JsonObject();
                put(parent, steps.get(i), next, false);
            }
            parent = next;
        }
        String last = steps.getLast();
        switch (op) {
            case "remove" -> remove(parent, last);
            case "append" -> append(parent, last, value);
            case "add" -> put(parent, last, value, true);
            default -> put(parent, last, value, false);
        }
    }

    /** What stands at a place, or null. */
    static @Nullable JsonValue at(JsonValue root, List<String> steps) {
        JsonValue value = root;
        for (String step : steps) {
            value = value == null ? null : child(value, step);
        }
        return value;
    }

    private static boolean isIndex(String step) {
        return step.equals("-")
                || (!step.isEmpty()
                        && step.length() < 7
                        && step.chars().allMatch(c -> c >= '0' && c <= '9'));
    }

    /** The index in an array; negative ones count from the end. The size when there is none. */
    private static int index(JsonArray array, String step) {
        int size = array.elements().size();
        try {
            int index = Integer.parseInt(step);
            return index < 0 ? Math.max(0, size + index) : Math.min(index, size);
        } catch (NumberFormatException _) {
            return size;
        }
    }

    private static @Nullable JsonValue child(JsonValue parent, String step) {
        return switch (parent) {
            case JsonObject object -> object.get(step);
            case JsonArray array -> {
                int i = index(array, step);
                yield i < array.elements().size() ? array.elements().get(i) : null;
            }
            case Text _, JsonScalar _ -> null;
        };
    }

    private static void put(JsonValue parent, String step, JsonValue value, boolean insert) {
        if (parent instanceof JsonObject object) {
            object.put(step, value);
        } else if (parent instanceof JsonArray array) {
            int i = index(array, step);
            if (i == array.elements().size() || insert) {
                array.elements().add(i, value);
            } else {
                array.elements().set(i, value);
            }
        }
    }

    private static void remove(JsonValue parent, String step) {
        if (parent instanceof JsonObject object) {
            object.remove(step);
        } else if (parent instanceof JsonArray array) {
            int i = index(array, step);
            if (i < array.elements().size()) {
                array.elements().remove(i);
            }
        }
    }

    private static void append(JsonValue parent, String step, JsonValue value) {
        JsonValue before = child(parent, step);
        switch (before) {
            case PlainText text when value instanceof Text more -> text.append(more.value());
            case Text text when value instanceof Text more -> {
                PlainText growing = new PlainText(text.value());
                growing.append(more.value());
                put(parent, step, growing, false);
            }
            case JsonArray array when value instanceof JsonArray more ->
                    array.elements().addAll(more.elements());
            case JsonArray array -> array.elements().add(value);
            case JsonObject object when value instanceof JsonObject more -> {
                for (int i = 0; i < more.size(); i++) {
                    object.put(more.name(i), more.value(i));
                }
            }
            case null, default -> put(parent, step, value, false);
        }
    }
}
