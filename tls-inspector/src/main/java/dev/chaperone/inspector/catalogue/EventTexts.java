// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import dev.chaperone.inspector.body.JsonArray;
import dev.chaperone.inspector.body.JsonObject;
import dev.chaperone.inspector.body.JsonScalar;
import dev.chaperone.inspector.body.JsonValue;
import dev.chaperone.inspector.body.NumberText;
import dev.chaperone.inspector.body.Text;
import dev.chaperone.inspector.catalogue.Places.Place;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the texts of an answer's events that may hold a placeholder, by the rules that read the
 * answer. One per answer; one thread.
 */
final class EventTexts implements PatchedDocuments.Listener {
    /** How a text goes with the others of its stream. */
    enum Kind {
        /** A text in itself. */
        WHOLE,
        /** The stream's text starts anew with it. */
        START,
        /** It continues the stream. */
        MORE
    }

    /**
     * One text of an event.
     *
     * @param place its stream; null for {@link Kind#WHOLE}
     * @param json true when the stream's text as a whole is JSON if it looks so
     * @param patch where a patch dialect keeps it, or null
     */
    record Piece(
            Text text, Kind kind, @Nullable Place place, boolean json, @Nullable PatchPlace patch) {
        @Override
        public String toString() {
            return "Piece[" + kind + "]";
        }
    }

    /**
     * A place in a patched document.
     *
     * @param pointer without the leading slash
     */
    record PatchPlace(String channel, int document, String pointer) {}

    /** More texts in one event than any service sends: the rest are taken by themselves. */
    private static final int MAX_PLACED = 256;

    private final CompiledResponse facts;
    private final Scope scope;
    private final boolean toolCalls;
    private final boolean streams;
    private final @Nullable PatchedDocuments patched;
    private final Set<Text> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<Piece> pieces = new ArrayList<>();
    private final List<String> replaced = new ArrayList<>();
    private boolean ended;

    /**
     * @param toolCalls whether arguments of tool calls count
     * @param streams false when an event is the whole answer
     */
    EventTexts(CompiledResponse facts, Scope scope, boolean toolCalls, boolean streams) {
        this.facts = facts;
        this.scope = scope;
        this.toolCalls = toolCalls;
        this.streams = streams;
        this.patched =
                facts.patch() == null ? null : new PatchedDocuments(facts.patch(), scope, this);
    }

    /** What the next patch would inherit; null without a patch dialect. */
    PatchedDocuments.@Nullable Inherited inherited() {
        return patched == null ? null : patched.inherited();
    }

    /** True when a patched document became too large to follow. */
    boolean isOverflown() {
        return patched != null && patched.isOverflown();
    }

    /** Channels whose document the last event replaced. */
    List<String> replacedChannels() {
        return replaced;
    }

    /** Whether a patch of the last event said that the document is complete. */
    boolean ended() {
        return ended;
    }

    /** The texts of one event. */
    List<Piece> of(String name, JsonValue event, int length) {
        seen.clear();
        pieces.clear();
        replaced.clear();
        ended = false;
        if (patched != null) {
            patched.event(name, event, length);
        }
        CompiledResponse.forEach(
                facts.rules(), name, event, scope, (rule, value) -> byRule(rule, value, event));
        return List.copyOf(pieces);
    }

    private void byRule(CompiledResponse.Rule rule, JsonValue value, JsonValue event) {
        Kind delta = streams ? Kind.MORE : Kind.WHOLE;
        rule.append().forEach(p -> texts(p, value, t -> add(t, delta, event, false)));
        for (Path path : whole(rule)) {
            texts(path, value, t -> add(t, Kind.WHOLE, event, false));
        }
        if (!toolCalls) {
            return;
        }
        if (rule.tool() != null) {
            boolean complete = rule.tool().replace() || !streams;
            rule.tool().args().forEach(p -> args(p, value, event, complete));
        }
        if (rule.echo() != null) {
            rule.echo().args().forEach(p -> args(p, value, event, true));
            rule.echo().argsDelta().forEach(p -> args(p, value, event, false));
        }
    }

    private static List<Path> whole(CompiledResponse.Rule rule) {
        List<Path> paths = new ArrayList<>(2);
        if (rule.set() != null) {
            paths.add(rule.set());
        }
        if (rule.setIfEmpty() != null) {
            paths.add(rule.setIfEmpty());
        }
        if (rule.echo() != null) {
            paths.addAll(rule.echo().text());
        }
        return paths;
    }

    private interface Found {
        void text(Text text);
    }

    private void texts(Path path, JsonValue value, Found found) {
        if (path.isFromHead()) {
            return;
        }
        for (JsonValue selected : path.ofAll().select(value, scope)) {
            if (selected instanceof Text text && !(selected instanceof NumberText)) {
                found.text(text);
            }
        }
    }

    private void args(Path path, JsonValue value, JsonValue event, boolean complete) {
        for (JsonValue selected : path.ofAll().select(value, scope)) {
            if (!(selected instanceof Text text)) {
                leaves(selected, event);
            } else if (!complete) {
                add(text, Kind.MORE, event, true);
            } else {
                JsonValue parsed = text.parsed().orElse(text);
                if (AttachmentReader.isContainer(parsed)) {
                    leaves(parsed, event);
                } else {
                    add(text, Kind.WHOLE, event, false);
                }
            }
        }
    }

    private void leaves(JsonValue value, JsonValue event) {
        switch (value) {
            case JsonObject object -> {
                for (int i = 0; i < object.size(); i++) {
                    leaves(object.value(i), event);
                }
            }
            case JsonArray array -> array.elements().forEach(e -> leaves(e, event));
            case NumberText _, JsonScalar _ -> {}
            case Text text -> add(text, Kind.WHOLE, event, false);
        }
    }

    private void add(Text text, Kind kind, JsonValue event, boolean json) {
        if (!seen.add(text)) {
            return;
        }
        Place place =
                kind == Kind.WHOLE || pieces.size() >= MAX_PLACED ? null : Places.of(event, text);
        Kind of = place == null ? Kind.WHOLE : kind;
        pieces.add(new Piece(text, of, place, json, null));
    }

    // ---- the patch dialect

    @Override
    public void installed(String channel, int number, JsonValue root) {
        replaced.add(channel);
        collected(root, (text, json) -> patch(text, Kind.START, channel, number, root, json));
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // this very text, not one that reads the same
    public void applied(
            String channel, int number, List<String> steps, String op, JsonValue value) {
        if (patched == null || op.equals("remove")) {
            return;
        }
        ended |= Places.isEnd(steps.getLast(), value);
        JsonValue root = patched.documents().get(number);
        JsonValue place = JsonPatch.at(root, steps);
        String at = String.join("/", steps);
        boolean plain = at.indexOf('-') < 0;
        collected(
                root,
                (text, json) -> {
                    if (value instanceof Text given && (text == place || text == value)) {
                        Kind kind = op.equals("append") ? Kind.MORE : Kind.START;
                        if (plain) {
                            patch(given, kind, new PatchPlace(channel, number, at), json);
                        } else {
                            patch(given, text, kind, channel, number, root, json);
                        }
                    } else if (Places.pointer(value, text) != null) {
                        patch(text, Kind.START, channel, number, root, json);
                    }
                });
    }

    private interface Collected {
        void text(Text text, boolean json);
    }

    private void collected(JsonValue root, Collected found) {
        if (facts.patch() == null) {
            return;
        }
        CompiledResponse.forEach(
                facts.patch().collect(),
                "",
                root,
                scope,
                (rule, value) -> {
                    rule.append().forEach(p -> texts(p, value, t -> found.text(t, false)));
                    whole(rule).forEach(p -> texts(p, value, t -> found.text(t, false)));
                    if (toolCalls && rule.tool() != null) {
                        rule.tool().args().forEach(p -> texts(p, value, t -> found.text(t, true)));
                    }
                });
    }

    private void patch(
            Text text, Kind kind, String channel, int number, JsonValue root, boolean json) {
        patch(text, text, kind, channel, number, root, json);
    }

    /**
     * @param text of the event
     * @param placed the text of the document that it became
     */
    private void patch(
            Text text,
            Text placed,
            Kind kind,
            String channel,
            int number,
            JsonValue root,
            boolean json) {
        String pointer = Places.pointer(root, placed);
        if (pointer != null) {
            patch(text, kind, new PatchPlace(channel, number, pointer), json);
        }
    }

    private void patch(Text text, Kind kind, PatchPlace place, boolean json) {
        if (!(text instanceof NumberText) && seen.add(text)) {
            Place in = new Place(place.document() + "/" + place.pointer(), Set.of());
            pieces.add(new Piece(text, kind, in, json, place));
        }
    }
}
