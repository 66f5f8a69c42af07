// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import dev.chaperone.inspector.body.JsonArray;
import dev.chaperone.inspector.body.JsonObject;
import dev.chaperone.inspector.body.JsonScalar;
import dev.chaperone.inspector.body.JsonValue;
import dev.chaperone.inspector.body.PlainText;
import dev.chaperone.inspector.body.RawText;
import dev.chaperone.inspector.body.Source;
import dev.chaperone.inspector.body.Text;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A compiled path of the catalogue's path language: {@code a.b}, {@code [0]}, {@code [-1]}, {@code
 * [*]}, {@code [?condition]}, {@code |json}, {@code |b64}, {@code |str}, and {@code @path:group},
 * {@code @query:name}, {@code @header:name ~regex}. Immutable.
 */
final class Path {
    private sealed interface Step {}

    /** A member; of an array the element, when the name is a number. */
    private record Member(String name, int index) implements Step {}

    private record Element(int index) implements Step {}

    /** Every element, or the value of every member. */
    private record Every() implements Step {}

    private static final Step EVERY = new Every();

    private record Filter(Condition condition) implements Step {}

    private record ParseJson() implements Step {}

    private record DecodeBase64() implements Step {}

    /** Schema-less protobuf bytes as a string; other values stay as they are. */
    private record AsString() implements Step {}

    private record FromHead(String place, String name, @Nullable Pattern part) implements Step {}

    private final String source;
    private final List<Step> steps;

    // Made on first use; a race makes equal ones.
    private @Nullable Path all;

    private Path(String source, List<Step> steps) {
        this.source = source;
        this.steps = List.copyOf(steps);
    }

    /**
     * @throws IllegalArgumentException when it is no path
     */
    static Path of(String path) {
        return path.startsWith("@")
                ? new Path(path, List.of(fromHead(path)))
                : new Path(path, new Parser(path).steps());
    }

    static List<Path> all(List<String> paths) {
        return paths.stream().map(Path::of).toList();
    }

    private static Step fromHead(String path) {
        int colon = path.indexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException(
                    "'" + path + "': expected @path:, @query: or @header:");
        }
        String place = path.substring(1, colon);
        String name = path.substring(colon + 1);
        if (!List.of("path", "query", "header").contains(place)) {
            throw new IllegalArgumentException(
                    "'" + path + "': expected @path:, @query: or @header:");
        }
        int tilde = name.indexOf(" ~");
        return tilde < 0
                ? new FromHead(place, name, null)
                : new FromHead(
                        place,
                        name.substring(0, tilde),
                        Pattern.compile(name.substring(tilde + 2)));
    }

    /** True when it reads the request line or headers, not the document. */
    boolean isFromHead() {
        return !steps.isEmpty() && steps.getFirst() instanceof FromHead;
    }

    /** The same path, reading every element where it reads the first: all choices, not one. */
    Path ofAll() {
        Path known = all;
        if (known == null) {
            known =
                    new Path(
                            source,
                            steps.stream()
                                    .map(s -> s instanceof Element(int i) && i == 0 ? EVERY : s)
                                    .toList());
            all = known;
        }
        return known;
    }

    /** Everything it selects, in document order. */
    List<JsonValue> select(JsonValue document, Scope scope) {
        List<JsonValue> selected = new ArrayList<>(4);
        walk(document, 0, scope, selected);
        return selected;
    }

    /** The first scalar that is neither null nor empty, as text; or null. */
    @Nullable String firstValue(JsonValue document, Scope scope) {
        for (JsonValue value : select(document, scope)) {
            String text = scalar(value);
            if (text != null && !text.isEmpty()) {
                return text;
            }
        }
        return null;
    }

    static @Nullable String firstValue(List<Path> paths, JsonValue document, Scope scope) {
        for (Path path : paths) {
            String value = path.firstValue(document, scope);
            if (value != null) {
                return value;
            }
        }
        return null;
    }

    /** A scalar's text; null for null, arrays and objects. */
    static @Nullable String scalar(JsonValue value) {
        return switch (value) {
            case Text text -> text.value();
            case JsonScalar scalar -> scalar.isNull() ? null : scalar.raw();
            case JsonArray _, JsonObject _ -> null;
        };
    }

    private void walk(JsonValue value, int at, Scope scope, List<JsonValue> out) {
        if (at == steps.size()) {
            out.add(value);
            return;
        }
        switch (steps.get(at)) {
            case Member member -> {
                if (value instanceof JsonObject object) {
                    JsonValue next = object.get(member.name);
                    if (next != null) {
                        walk(next, at + 1, scope, out);
                    }
                } else if (member.index >= 0) {
                    element(value, member.index, at, scope, out);
                }
            }
            case Element element -> element(value, element.index, at, scope, out);
            case Every _ -> every(value, at, scope, out);
            case Filter filter -> filter(value, filter.condition, at, scope, out);
            case ParseJson _ -> {
                if (value instanceof Text text) {
                    text.parsed().ifPresent(parsed -> walk(parsed, at + 1, scope, out));
                }
            }
            case DecodeBase64 _ -> {
                if (value instanceof Text text) {
                    Text decoded = base64(text);
                    if (decoded != null) {
                        walk(decoded, at + 1, scope, out);
                    }
                }
            }
            case AsString _ -> walk(value, at + 1, scope, out);
            case FromHead fromHead -> {
                Text text = read(fromHead, scope);
                if (text != null) {
                    walk(text, at + 1, scope, out);
                }
            }
        }
    }

    private void element(JsonValue value, int index, int at, Scope scope, List<JsonValue> out) {
        if (value instanceof JsonArray array) {
            int i = index < 0 ? array.elements().size() + index : index;
            if (i >= 0 && i < array.elements().size()) {
                walk(array.elements().get(i), at + 1, scope, out);
            }
        }
    }

    private void every(JsonValue value, int at, Scope scope, List<JsonValue> out) {
        if (value instanceof JsonArray array) {
            for (JsonValue element : array.elements()) {
                walk(element, at + 1, scope, out);
            }
        } else if (value instanceof JsonObject object) {
            for (int i = 0; i < object.size(); i++) {
                walk(object.value(i), at + 1, scope, out);
            }
        }
    }

    /** Of an array the elements, of anything else the value itself, if the condition holds. */
    private void filter(
            JsonValue value, Condition condition, int at, Scope scope, List<JsonValue> out) {
        if (value instanceof JsonArray array) {
            for (JsonValue element : array.elements()) {
                if (condition.holds(element, scope)) {
                    walk(element, at + 1, scope, out);
                }
            }
        } else if (condition.holds(value, scope)) {
            walk(value, at + 1, scope, out);
        }
    }

    private static @Nullable Text base64(Text text) {
        try {
            byte[] bytes = Base64.getMimeDecoder().decode(text.value());
            return RawText.fits(bytes, 0, bytes.length)
                    ? new RawText(bytes, 0, bytes.length, new Source.InBase64(text, 0, bytes))
                    : null;
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    private static @Nullable Text read(FromHead from, Scope scope) {
        Text text =
                switch (from.place) {
                    case "path" -> scope.group(from.name);
                    case "query" -> scope.parameter(from.name);
                    default -> scope.header(from.name);
                };
        if (text == null || from.part == null) {
            return text;
        }
        Matcher matcher = from.part.matcher(text.value());
        return matcher.find() && matcher.groupCount() >= 1 && matcher.group(1) != null
                ? new PlainText(matcher.group(1))
                : null;
    }

    /** The path as written in the catalogue. */
    @Override
    public String toString() {
        return source;
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Cuts a path into steps. */
    private static final class Parser {
        private final String path;
        private int i;

        Parser(String path) {
            this.path = path;
        }

        List<Step> steps() {
            List<Step> steps = new ArrayList<>();
            while (i < path.length()) {
                switch (path.charAt(i)) {
                    case '.' -> {
                        i++;
                        steps.add(member());
                    }
                    case '[' -> steps.add(bracket());
                    case '|' -> steps.add(pipe());
                    default -> {
                        if (i > 0) {
                            throw wrong();
                        }
                        steps.add(member());
                    }
                }
            }
            return steps;
        }

        private Step member() {
            String name = word();
            if (name.isEmpty()) {
                throw wrong();
            }
            boolean number = name.chars().allMatch(c -> c >= '0' && c <= '9') && name.length() < 7;
            return new Member(name, number ? Integer.parseInt(name) : -1);
        }

        private String word() {
            int start = i;
            while (i < path.length() && ".[|".indexOf(path.charAt(i)) < 0) {
                i++;
            }
            return path.substring(start, i);
        }

        private Step bracket() {
            int start = ++i;
            for (int depth = 1; depth > 0; i++) {
                if (i >= path.length()) {
                    throw wrong();
                }
                depth += path.charAt(i) == '[' ? 1 : path.charAt(i) == ']' ? -1 : 0;
            }
            String inside = path.substring(start, i - 1);
            if (inside.equals("*")) {
                return new Every();
            }
            if (inside.startsWith("?")) {
                return new Filter(Condition.of(inside.substring(1)));
            }
            try {
                return new Element(Integer.parseInt(inside));
            } catch (NumberFormatException _) {
                throw wrong();
            }
        }

        private Step pipe() {
            i++;
            return switch (word()) {
                case "json" -> new ParseJson();
                case "b64" -> new DecodeBase64();
                case "str" -> new AsString();
                default -> throw wrong();
            };
        }

        private IllegalArgumentException wrong() {
            return new IllegalArgumentException("'" + path + "': not a path at column " + (i + 1));
        }
    }
}
