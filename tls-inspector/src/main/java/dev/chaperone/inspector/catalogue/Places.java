// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import dev.chaperone.inspector.body.JsonArray;
import dev.chaperone.inspector.body.JsonObject;
import dev.chaperone.inspector.body.JsonScalar;
import dev.chaperone.inspector.body.JsonValue;
import dev.chaperone.inspector.body.Text;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a text stands in an event, in words that are the same for each event of its stream: the
 * members on the way to it, and what tells one choice, block or item from another.
 */
final class Places {
    /** Members that number the parts of an answer in the dialects of the catalogue. */
    private static final Set<String> INDEXES =
            Set.of("index", "output_index", "content_index", "summary_index", "item_id");

    /** Members whose value tells that an answer, or a part of it, ends with this event. */
    private static final Set<String> ENDS =
            Set.of(
                    "finish_reason",
                    "finishReason",
                    "stop_reason",
                    "stopReason",
                    "end_turn",
                    "is_finished",
                    "done");

    /** Deeper indexes are content. */
    private static final int MAX_DEPTH = 4;

    private Places() {}

    /**
     * A place.
     *
     * @param key equal for the same place of another event
     * @param marks the indexes on the way, with the member they stand in
     */
    record Place(String key, Set<String> marks) {}

    /** The place of a value that is part of a document; null when it is not. */
    static @Nullable Place of(JsonValue document, JsonValue value) {
        List<String> way = new ArrayList<>();
        Set<String> marks = new HashSet<>();
        return find(document, value, "", way, marks)
                ? new Place(String.join("/", way), Set.copyOf(marks))
                : null;
    }

    /**
     * The pointer of a value that is part of a document (RFC 6901, without escapes and the leading
     * slash); null when it is not.
     */
    static @Nullable String pointer(JsonValue document, JsonValue value) {
        List<String> way = new ArrayList<>();
        return find(document, value, "", way, null) ? String.join("/", way) : null;
    }

    /**
     * @param marks gathers the indexes, which then tell elements apart; null: their positions do
     */
    @SuppressWarnings("ReferenceEquality") // this very value, not one that reads the same
    private static boolean find(
            JsonValue from,
            JsonValue value,
            String under,
            List<String> way,
            @Nullable Set<String> marks) {
        if (from == value) {
            return true;
        }
        int length = way.size();
        switch (from) {
            case JsonObject object -> {
                for (int i = 0; i < object.size(); i++) {
                    String name = object.name(i);
                    way.add(name);
                    if (find(object.value(i), value, name, way, marks)) {
                        if (marks != null) {
                            List<String> own = indexes(object, under);
                            marks.addAll(own);
                            way.addAll(length, own);
                        }
                        return true;
                    }
                    way.removeLast();
                }
            }
            case JsonArray array -> {
                for (int i = 0; i < array.elements().size(); i++) {
                    JsonValue element = array.elements().get(i);
                    boolean numbered =
                            marks != null
                                    && element instanceof JsonObject o
                                    && !indexes(o, under).isEmpty();
                    way.add(numbered ? "*" : Integer.toString(i));
                    if (find(element, value, under, way, marks)) {
                        return true;
                    }
                    way.removeLast();
                }
            }
            case Text text -> {
                if (text.wasParsed()
                        && find(text.parsed().orElseThrow(), value, under, way, marks)) {
                    return true;
                }
            }
            case JsonScalar _ -> {}
        }
        return false;
    }

    private static List<String> indexes(JsonObject object, String under) {
        List<String> own = new ArrayList<>(2);
        for (int i = 0; i < object.size(); i++) {
            if (INDEXES.contains(object.name(i))) {
                String index =
                        object.value(i) instanceof JsonScalar scalar
                                ? scalar.raw()
                                : Path.scalar(object.value(i));
                own.add(under + '.' + object.name(i) + '=' + index);
            }
        }
        return own;
    }

    /** The indexes of an event, whatever it is about. */
    static Set<String> marks(JsonValue event) {
        Set<String> marks = new HashSet<>();
        marks(event, "", 0, marks);
        return marks;
    }

    private static void marks(JsonValue value, String under, int depth, Set<String> marks) {
        if (depth > MAX_DEPTH) {
            return;
        }
        if (value instanceof JsonObject object) {
            marks.addAll(indexes(object, under));
            for (int i = 0; i < object.size(); i++) {
                marks(object.value(i), object.name(i), depth + 1, marks);
            }
        } else if (value instanceof JsonArray array) {
            array.elements().forEach(e -> marks(e, under, depth + 1, marks));
        }
    }

    /** Whether an event says that what it is about ends. */
    static boolean ends(JsonValue event) {
        return ends(event, 0);
    }

    private static boolean ends(JsonValue value, int depth) {
        if (depth > MAX_DEPTH) {
            return false;
        }
        if (value instanceof JsonArray array) {
            return array.elements().stream().anyMatch(e -> ends(e, depth + 1));
        }
        if (!(value instanceof JsonObject object)) {
            return false;
        }
        for (int i = 0; i < object.size(); i++) {
            JsonValue member = object.value(i);
            if (isEnd(object.name(i), member) || ends(member, depth + 1)) {
                return true;
            }
        }
        return false;
    }

    /** Whether a member of this name and value says so. */
    static boolean isEnd(String name, JsonValue value) {
        return ENDS.contains(name)
                && switch (value) {
                    case Text text -> !text.value().isEmpty();
                    case JsonScalar scalar -> scalar.raw().equals("true");
                    case JsonObject _, JsonArray _ -> false;
                };
    }
}
