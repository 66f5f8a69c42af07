// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import com.google.re2j.Pattern;
import dev.chaperone.inspector.body.JsonArray;
import dev.chaperone.inspector.body.JsonObject;
import dev.chaperone.inspector.body.JsonScalar;
import dev.chaperone.inspector.body.JsonValue;
import dev.chaperone.inspector.body.Text;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A compiled condition: terms joined by {@code &}, each {@code k=v1,v2}, {@code k!=v}, {@code k?=v}
 * (equal or absent), {@code k~regex}, {@code k} (truthy) or {@code !k}. Immutable.
 */
final class Condition {
    private enum Test {
        EQUAL,
        NOT_EQUAL,
        EQUAL_OR_ABSENT,
        FOUND,
        TRUE,
        FALSE
    }

    private record Term(Path path, Test test, List<String> values, @Nullable Pattern regex) {}

    private final List<Term> terms;

    private Condition(List<Term> terms) {
        this.terms = List.copyOf(terms);
    }

    /**
     * @throws IllegalArgumentException when it is no condition
     */
    static Condition of(String condition) {
        List<Term> terms = new ArrayList<>();
        for (String term : condition.split("&")) {
            terms.add(term(term));
        }
        return new Condition(terms);
    }

    static @Nullable Condition ofNullable(@Nullable String condition) {
        return condition == null ? null : of(condition);
    }

    private static Term term(String term) {
        int at = operator(term);
        if (at < 0) {
            return term.startsWith("!")
                    ? new Term(Path.of(term.substring(1)), Test.FALSE, List.of(), null)
                    : new Term(Path.of(term), Test.TRUE, List.of(), null);
        }
        Path path = Path.of(term.substring(0, at));
        char c = term.charAt(at);
        if (c == '~') {
            Pattern regex = Pattern.compile(term.substring(at + 1));
            return new Term(path, Test.FOUND, List.of(), regex);
        }
        Test test =
                switch (c) {
                    case '!' -> Test.NOT_EQUAL;
                    case '?' -> Test.EQUAL_OR_ABSENT;
                    default -> Test.EQUAL;
                };
        String values = term.substring(at + (c == '=' ? 1 : 2));
        return new Term(path, test, List.of(values.split(",")), null);
    }

    /** Where the operator of a term stands outside of brackets, or -1. */
    private static int operator(String term) {
        int depth = 0;
        for (int i = 0; i < term.length(); i++) {
            char c = term.charAt(i);
            boolean equals = i + 1 < term.length() && term.charAt(i + 1) == '=';
            depth += c == '[' ? 1 : c == ']' ? -1 : 0;
            if (depth == 0 && (c == '=' || c == '~' || ((c == '!' || c == '?') && equals))) {
                return i;
            }
        }
        return -1;
    }

    boolean holds(JsonValue document, Scope scope) {
        for (Term term : terms) {
            if (!holds(term, document, scope)) {
                return false;
            }
        }
        return true;
    }

    private static boolean holds(Term term, JsonValue document, Scope scope) {
        List<JsonValue> selected = term.path.select(document, scope);
        return switch (term.test) {
            case EQUAL -> equalsAny(selected, term.values);
            case NOT_EQUAL -> !equalsAny(selected, term.values);
            case EQUAL_OR_ABSENT -> absent(selected) || equalsAny(selected, term.values);
            case FOUND -> found(selected, term.regex);
            case TRUE -> truthy(selected);
            case FALSE -> !truthy(selected);
        };
    }

    private static boolean absent(List<JsonValue> selected) {
        return selected.stream().allMatch(v -> v instanceof JsonScalar s && s.isNull());
    }

    private static boolean equalsAny(List<JsonValue> selected, List<String> values) {
        for (JsonValue value : selected) {
            String text = value instanceof JsonScalar scalar ? scalar.raw() : Path.scalar(value);
            if (text != null && values.contains(text)) {
                return true;
            }
        }
        return false;
    }

    private static boolean found(List<JsonValue> selected, @Nullable Pattern regex) {
        for (JsonValue value : selected) {
            String text = Path.scalar(value);
            if (text != null && regex != null && regex.matcher(text).find()) {
                return true;
            }
        }
        return false;
    }

    private static boolean truthy(List<JsonValue> selected) {
        for (JsonValue value : selected) {
            boolean is =
                    switch (value) {
                        case Text text -> !text.value().isEmpty();
                        case JsonScalar scalar ->
                                !scalar.isNull()
                                        && !scalar.raw().equals("false")
                                        && !scalar.raw().equals("0");
                        case JsonArray array -> !array.elements().isEmpty();
                        case JsonObject object -> object.size() > 0;
                    };
            if (is) {
                return true;
            }
        }
        return false;
    }
}
