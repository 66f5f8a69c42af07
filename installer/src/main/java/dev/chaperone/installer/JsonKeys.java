// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Keys of ours in a JSON document of somebody else. What stood at such a key comes back with the
 * undo.
 */
public final class JsonKeys implements Changes.Merge {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final String path;
    private final Map<String, JsonNode> values;

    /**
     * @param path of the file, for messages
     * @param values JSON pointer (RFC 6901) of object members only, to value
     */
    public JsonKeys(String path, Map<String, JsonNode> values) {
        this.path = path;
        this.values = new LinkedHashMap<>(values);
    }

    @Override
    public String format() {
        return "json";
    }

    @Override
    public List<String> keys() {
        return List.copyOf(values.keySet());
    }

    @Override
    public Map<String, String> values() {
        Map<String, String> texts = new LinkedHashMap<>();
        values.forEach((pointer, value) -> texts.put(pointer, JSON.writeValueAsString(value)));
        return texts;
    }

    @Override
    public byte[] start() {
        return bytes(JSON.createObjectNode());
    }

    @Override
    public byte[] into(byte[] old) throws StepException {
        ObjectNode document;
        try {
            document = object(old);
        } catch (IOException e) {
            throw new StepException(
                    path
                            + " is not a JSON object; mend or remove it, then run 'chaperone machine repair'");
        }
        values.forEach((pointer, value) -> put(document, JsonPointer.compile(pointer), value));
        return bytes(document);
    }

    /**
     * A document without ours.
     *
     * @param values the text of what we wrote at each key, null when that is not known
     */
    static byte[] without(
            byte[] now, byte[] before, List<String> keys, @Nullable Map<String, String> values)
            throws IOException {
        ObjectNode document = object(now);
        ObjectNode original = object(before);
        boolean changed = false;
        for (String key : keys) {
            JsonPointer pointer = JsonPointer.compile(key);
            JsonNode old = original.at(pointer);
            JsonNode there = document.at(pointer);
            // By meaning: programs write the same in other words.
            JsonNode ours =
                    values == null ? there : JSON.readTree(values.getOrDefault(key, "null"));
            if (!there.equals(ours)) {
                changed |= withoutElements(there, ours, old);
                continue; // somebody else gave it a value since, or took it out
            }
            changed = true;
            if (old.isMissingNode()) {
                remove(document, pointer, original);
            } else {
                put(document, pointer, old);
            }
        }
        return changed ? bytes(document) : now;
    }

    /** Elements that we put into an array to which others put theirs. */
    private static boolean withoutElements(JsonNode there, JsonNode ours, JsonNode old) {
        boolean changed = false;
        if (there instanceof ArrayNode array && ours instanceof ArrayNode added) {
            for (int i = array.size() - 1; i >= 0; i--) {
                JsonNode element = array.get(i);
                if (added.valueStream().anyMatch(element::equals)
                        && old.valueStream().noneMatch(element::equals)) {
                    JsonNode ignored = array.remove(i);
                    changed = true;
                }
            }
        }
        return changed;
    }

    private static ObjectNode object(byte[] text) throws IOException {
        try {
            if (JSON.readTree(text) instanceof ObjectNode object) {
                return object;
            }
        } catch (JacksonException e) {
            // Said below, without the text that was choked on.
        }
        throw new IOException("not a JSON object");
    }

    private static byte[] bytes(JsonNode document) {
        return (JSON.writerWithDefaultPrettyPrinter().writeValueAsString(document) + "\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static void put(ObjectNode document, JsonPointer pointer, JsonNode value) {
        String name = pointer.getMatchingProperty();
        if (pointer.tail().matches()) {
            document.set(name, value);
            return;
        }
        ObjectNode inner =
                document.get(name) instanceof ObjectNode there ? there : document.putObject(name);
        put(inner, pointer.tail(), value);
    }

    /** Takes the member out, and objects that hold nothing any more and were not there before. */
    private static void remove(ObjectNode document, JsonPointer pointer, JsonNode original) {
        String name = pointer.getMatchingProperty();
        if (pointer.tail().matches()) {
            document.remove(name);
            return;
        }
        if (document.get(name) instanceof ObjectNode inner) {
            JsonNode was = original.path(name);
            remove(inner, pointer.tail(), was);
            if (inner.isEmpty() && was.isMissingNode()) {
                document.remove(name);
            }
        }
    }
}
