// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies.catalogue;

import dev.chaperone.policies.Suggestions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The members of one object of a catalogue file, read by name; says what is wrong and where. */
final class Fields {
    private final String source;
    private final int line;
    private final Map<String, JsonTree> members;

    /** Fails unless {@code tree} is an object all of whose keys are {@code known}. */
    static Fields of(JsonTree tree, String source, Set<String> known) {
        if (!(tree.value() instanceof Map<?, ?> map)) {
            throw new CatalogueFormatException(source, tree.line(), "expected an object");
        }
        Map<String, JsonTree> members = new LinkedHashMap<>();
        map.forEach((k, v) -> members.put((String) k, (JsonTree) v));
        for (Map.Entry<String, JsonTree> member : members.entrySet()) {
            if (!known.contains(member.getKey())) {
                throw new CatalogueFormatException(
                        source, member.getValue().line(), unknown(member.getKey(), known));
            }
        }
        return new Fields(source, tree.line(), members);
    }

    private Fields(String source, int line, Map<String, JsonTree> members) {
        this.source = source;
        this.line = line;
        this.members = members;
    }

    private static String unknown(String key, Set<String> known) {
        String hint =
                Suggestions.nearest(key, known, Math.max(2, key.length() / 3))
                        .map(near -> "did you mean '" + near + "'?")
                        .orElseGet(() ->
                                "known are " + String.join(", ", known.stream().sorted().toList()));
        return "unknown key '" + key + "', " + hint;
    }

    @Nullable JsonTree tree(String name) {
        JsonTree tree = members.get(name);
        return tree == null || tree.value() == null ? null : tree;
    }

    CatalogueFormatException wrong(String name, String reason) {
        JsonTree tree = members.get(name);
        return new CatalogueFormatException(
                source, tree == null ? line : tree.line(), "'" + name + "' " + reason);
    }

    @Nullable String text(String name) {
        JsonTree tree = tree(name);
        if (tree == null) {
            return null;
        }
        if (tree.value() instanceof String text) {
            return text;
        }
        throw wrong(name, "must be a string");
    }

    String text(String name, String otherwise) {
        String text = text(name);
        return text == null ? otherwise : text;
    }

    String required(String name) {
        String text = text(name);
        if (text == null) {
            throw wrong(name, "is missing");
        }
        return text;
    }

    boolean flag(String name, boolean otherwise) {
        JsonTree tree = tree(name);
        if (tree == null) {
            return otherwise;
        }
        if (tree.value() instanceof Boolean flag) {
            return flag;
        }
        throw wrong(name, "must be true or false");
    }

    int number(String name, int otherwise) {
        JsonTree tree = tree(name);
        if (tree == null) {
            return otherwise;
        }
        if (tree.value() instanceof Number number) {
            return number.intValue();
        }
        throw wrong(name, "must be a number");
    }

    /** A list of strings; one string stands for a list of one, nothing for none. */
    List<String> texts(String name) {
        JsonTree tree = tree(name);
        if (tree == null) {
            return List.of();
        }
        if (tree.value() instanceof String text) {
            return List.of(text);
        }
        List<String> texts = new ArrayList<>();
        for (JsonTree element : elements(name)) {
            if (!(element.value() instanceof String text)) {
                throw wrong(name, "must be a list of strings");
            }
            texts.add(text);
        }
        return texts;
    }

    /** String members of an object, in order. */
    Map<String, String> textMap(String name) {
        JsonTree tree = tree(name);
        Map<String, String> texts = new LinkedHashMap<>();
        if (tree == null) {
            return texts;
        }
        if (!(tree.value() instanceof Map<?, ?> map)) {
            throw wrong(name, "must be an object");
        }
        map.forEach((key, value) -> {
            if (!(((JsonTree) value).value() instanceof String text)) {
                throw wrong(name, "must hold strings");
            }
            texts.put((String) key, text);
        });
        return texts;
    }

    List<JsonTree> elements(String name) {
        JsonTree tree = tree(name);
        if (tree == null) {
            return List.of();
        }
        if (!(tree.value() instanceof List<?> list)) {
            throw wrong(name, "must be a list");
        }
        List<JsonTree> elements = new ArrayList<>();
        list.forEach(element -> elements.add((JsonTree) element));
        return elements;
    }
}
