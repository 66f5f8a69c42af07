// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * The keys of one YAML mapping, read with a check each. Every failure names file, line, key and
 * remedy.
 */
final class Fields {
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,6})(ms|s|m|h)");
    private static final int MAX_ITEMS = 1000;
    private static final int MAX_STRING = 100_000;

    private final String source;
    private final int line;
    private final Map<String, NodeTuple> tuples = new LinkedHashMap<>();

    /** Reads the keys; a duplicate key or one that is no string fails. */
    Fields(String source, MappingNode mapping) {
        this.source = source;
        this.line = lineOf(mapping);
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                throw error(lineOf(tuple.getKeyNode()), "expected a plain key");
            }
            if (tuples.put(key.getValue(), tuple) != null) {
                throw error(
                        lineOf(key),
                        "the key" + Suggestions.quoted(key.getValue()) + " stands twice: keep one");
            }
        }
    }

    int line() {
        return line;
    }

    /** Fails at the first key that is not known. */
    Fields only(Set<String> known) {
        tuples.forEach((key, tuple) -> {
            if (!known.contains(key)) {
                throw error(
                        lineOf(tuple.getKeyNode()),
                        "unknown key" + Suggestions.quoted(key) + Suggestions.remedy(key, known));
            }
        });
        return this;
    }

    /** In the document's order. */
    Set<String> keys() {
        return java.util.Collections.unmodifiableSet(tuples.keySet());
    }

    boolean has(String key) {
        return tuples.containsKey(key);
    }

    /** The line of the key, or of the mapping when the key is missing. */
    int lineOf(String key) {
        NodeTuple tuple = tuples.get(key);
        return tuple == null ? line : lineOf(tuple.getKeyNode());
    }

    /** The line on which a scalar's first character stands: after the mark of a block scalar. */
    int contentLine(String key) {
        Node node = require(key);
        boolean block =
                node instanceof ScalarNode scalar
                        && (scalar.getScalarStyle() == ScalarStyle.LITERAL
                                || scalar.getScalarStyle() == ScalarStyle.FOLDED);
        return lineOf(node) + (block ? 1 : 0);
    }

    /** A required string that is not blank. */
    String string(String key) {
        String value = scalar(key, require(key), Tag.STR, "a text; quote it if it looks like more");
        if (value.isBlank()) {
            throw error(lineOf(key), "'" + key + "' is empty: write its value");
        }
        return value;
    }

    String string(String key, String otherwise) {
        return has(key) ? string(key) : otherwise;
    }

    /** A required string that matches. */
    String string(String key, Pattern pattern, String shape) {
        String value = string(key);
        if (!pattern.matcher(value).matches()) {
            throw error(lineOf(key), "'" + key + "' must be " + shape);
        }
        return value;
    }

    int integer(String key, int otherwise, int min, int max) {
        if (!has(key)) {
            return otherwise;
        }
        String shape = "a whole number from " + min + " to " + max;
        String value = scalar(key, require(key), Tag.INT, shape);
        try {
            int number = Integer.parseInt(value);
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Falls through to the same message: out of every range.
        }
        throw error(lineOf(key), "'" + key + "' must be " + shape);
    }

    double fraction(String key, double otherwise) {
        if (!has(key)) {
            return otherwise;
        }
        Node node = require(key);
        if (node instanceof ScalarNode scalar
                && (scalar.getTag().equals(Tag.FLOAT) || scalar.getTag().equals(Tag.INT))) {
            double value = number(scalar.getValue());
            if (value >= 0 && value <= 1) {
                return value;
            }
        }
        throw error(lineOf(key), "'" + key + "' must be a number from 0 to 1");
    }

    /** The number, or NaN for YAML's {@code .inf} and {@code .nan}, which lie in no range. */
    private static double number(String value) {
        try {
            return Double.parseDouble(value);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    boolean bool(String key, boolean otherwise) {
        return has(key)
                ? Boolean.parseBoolean(scalar(key, require(key), Tag.BOOL, "true or false"))
                : otherwise;
    }

    /** One of the words. */
    String word(String key, Collection<String> known) {
        return word(key, string(key), lineOf(key), known);
    }

    String word(String key, Collection<String> known, String otherwise) {
        return has(key) ? word(key, known) : otherwise;
    }

    private String word(String key, String value, int at, Collection<String> known) {
        if (!known.contains(value)) {
            String near =
                    Suggestions.nearest(value, known)
                            .map(word -> ", did you mean '" + word + "'?")
                            .orElse("");
            throw error(
                    at,
                    "unknown value"
                            + Suggestions.quoted(value)
                            + " of '"
                            + key
                            + "'"
                            + (near.isEmpty() ? ": expected " + Suggestions.oneOf(known) : near));
        }
        return value;
    }

    /** A duration such as {@code 60s}, at least {@code min} and at most {@code max}. */
    Optional<Duration> duration(String key, Duration min, Duration max) {
        if (!has(key)) {
            return Optional.empty();
        }
        Matcher matcher = DURATION.matcher(string(key));
        if (matcher.matches()) {
            long number = Long.parseLong(matcher.group(1));
            Duration value =
                    switch (matcher.group(2)) {
                        case "ms" -> Duration.ofMillis(number);
                        case "s" -> Duration.ofSeconds(number);
                        case "m" -> Duration.ofMinutes(number);
                        default -> Duration.ofHours(number);
                    };
            if (value.compareTo(min) >= 0 && value.compareTo(max) <= 0) {
                return Optional.of(value);
            }
        }
        throw error(
                lineOf(key),
                "'%s' must be a duration from %ds to %ds, such as 60s"
                        .formatted(key, min.toSeconds(), max.toSeconds()));
    }

    /** A list of strings; one string alone is a list of one. Empty when the key is missing. */
    List<String> strings(String key) {
        if (!has(key)) {
            return List.of();
        }
        List<String> values = new ArrayList<>();
        for (Node node : items(key, true)) {
            String value = scalar(key, node, Tag.STR, "a list of texts");
            if (value.isBlank()) {
                throw error(lineOf(node), "'" + key + "' holds an empty text: remove it");
            }
            values.add(value);
        }
        return values;
    }

    /** A list of words. */
    List<String> words(String key, Collection<String> known) {
        strings(key);
        if (has(key)) {
            for (Node node : items(key, true)) {
                word(key, ((ScalarNode) node).getValue(), lineOf(node), known);
            }
        }
        return strings(key);
    }

    /** A required mapping. */
    Fields map(String key) {
        if (require(key) instanceof MappingNode mapping) {
            return new Fields(source, mapping);
        }
        throw error(lineOf(key), "'" + key + "' must hold keys of its own");
    }

    Optional<Fields> optionalMap(String key) {
        return has(key) ? Optional.of(map(key)) : Optional.empty();
    }

    /** A required list with one item or more, each a mapping. */
    List<Fields> maps(String key) {
        List<Fields> maps = new ArrayList<>();
        for (Node node : items(key, false)) {
            if (!(node instanceof MappingNode mapping)) {
                throw error(lineOf(node), "each item of '" + key + "' must hold keys");
            }
            maps.add(new Fields(source, mapping));
        }
        return maps;
    }

    /** A list whose items are strings or mappings; a string becomes {@code {name: string}}. */
    List<Item> items(String key) {
        List<Item> items = new ArrayList<>();
        for (Node node : items(key, false)) {
            items.add(
                    node instanceof MappingNode mapping
                            ? new Item("", lineOf(node), Optional.of(new Fields(source, mapping)))
                            : new Item(
                                    scalar(key, node, Tag.STR, "a list of types"),
                                    lineOf(node),
                                    Optional.empty()));
        }
        return items;
    }

    /** An item that is either a word or a mapping. */
    record Item(String word, int line, Optional<Fields> fields) {}

    PolicyFormatException error(int at, String reason) {
        return new PolicyFormatException(source, at, reason);
    }

    private List<Node> items(String key, boolean oneAllowed) {
        Node node = require(key);
        if (node instanceof SequenceNode sequence) {
            if (sequence.getValue().isEmpty()) {
                throw error(lineOf(key), "'" + key + "' is empty: add an item or remove the key");
            }
            if (sequence.getValue().size() > MAX_ITEMS) {
                throw error(lineOf(key), "'" + key + "' holds more than " + MAX_ITEMS + " items");
            }
            return sequence.getValue();
        }
        if (oneAllowed && node instanceof ScalarNode) {
            return List.of(node);
        }
        throw error(lineOf(key), "'" + key + "' must be a list ('- …')");
    }

    private Node require(String key) {
        NodeTuple tuple = tuples.get(key);
        if (tuple == null) {
            throw error(line, "missing key '" + key + "': add it");
        }
        return tuple.getValueNode();
    }

    private String scalar(String key, Node node, Tag tag, String shape) {
        if (node instanceof ScalarNode scalar && scalar.getTag().equals(tag)) {
            if (scalar.getValue().length() > MAX_STRING) {
                throw error(lineOf(node), "'" + key + "' is longer than " + MAX_STRING);
            }
            return scalar.getValue();
        }
        throw error(lineOf(node), "'" + key + "' must be " + shape);
    }

    private static int lineOf(Node node) {
        return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
    }
}
