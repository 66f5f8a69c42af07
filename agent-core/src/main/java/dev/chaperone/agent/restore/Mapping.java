// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.restore;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The placeholders of one conversation, or of one request. Immutable.
 *
 * @param placeholders by value
 * @param last the highest number given out, by group; also of values that are known no more
 * @param typed keys of what looks like a placeholder and was typed by the person
 */
record Mapping(Map<Value, String> placeholders, Map<String, Integer> last, Set<String> typed) {
    static final Mapping EMPTY = new Mapping(Map.of(), Map.of(), Set.of());

    Mapping {
        placeholders = Map.copyOf(placeholders);
        last = Map.copyOf(last);
        typed = Set.copyOf(typed);
    }

    /** A value as one kind of data: the same digits can be two. */
    record Value(String group, String text) {
        /** Hides the value. */
        @Override
        public String toString() {
            return "Value[" + group + "]";
        }
    }

    /** The values by placeholder, but for those that the person typed. */
    Map<String, String> values(Set<String> alsoTyped) {
        Map<String, String> values = new HashMap<>();
        Set<String> excluded = new HashSet<>(typed);
        excluded.addAll(alsoTyped);
        placeholders.forEach((value, placeholder) -> {
            if (!excluded.contains(LookAlikes.key(placeholder))) {
                values.put(placeholder, value.text());
            }
        });
        return values;
    }

    /** Adds every placeholder with its value. */
    void addPairs(Set<Map.Entry<String, String>> pairs) {
        placeholders.forEach(
                (value, placeholder) -> pairs.add(Map.entry(placeholder, value.text())));
    }

    /**
     * Both mappings as one. A placeholder that means something else in each comes back as neither
     * and is not given out again.
     */
    Mapping and(Mapping other) {
        Map<Value, String> placeholders = new HashMap<>(other.placeholders);
        placeholders.putAll(this.placeholders);
        Map<String, Integer> last = new HashMap<>(this.last);
        other.last.forEach((group, number) -> last.merge(group, number, Math::max));
        Set<String> typed = new HashSet<>(this.typed);
        typed.addAll(other.typed);
        Set<String> seen = new HashSet<>();
        for (String placeholder : placeholders.values()) {
            if (!seen.add(placeholder)) {
                typed.add(LookAlikes.key(placeholder));
            }
        }
        return new Mapping(placeholders, last, typed);
    }

    /** Hides the values. */
    @Override
    public String toString() {
        return "Mapping[" + placeholders.size() + "]";
    }
}
