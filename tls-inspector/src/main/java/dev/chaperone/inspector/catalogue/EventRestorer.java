// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import dev.chaperone.inspector.body.CanonicalJson;
import dev.chaperone.inspector.body.Edits;
import dev.chaperone.inspector.body.JsonObject;
import dev.chaperone.inspector.body.JsonValue;
import dev.chaperone.inspector.catalogue.EventTexts.Kind;
import dev.chaperone.inspector.catalogue.EventTexts.PatchPlace;
import dev.chaperone.inspector.catalogue.EventTexts.Piece;
import dev.chaperone.inspector.catalogue.Places.Place;
import dev.chaperone.inspector.framing.Frame;
import dev.chaperone.inspector.restore.Growth;
import dev.chaperone.inspector.restore.PlaceholderForms;
import dev.chaperone.inspector.restore.Restorer;
import dev.chaperone.model.service.PatchFacts;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Restores the events of one answer. An event is changed only inside its texts; one without a
 * placeholder stays as it came. One thread.
 */
final class EventRestorer {
    /** More than any answer has at once; further ones are restored event by event. */
    private static final int MAX_STREAMS = 256;

    private final CompiledResponse facts;
    private final Scope scope;
    private final PlaceholderForms forms;
    private final Growth growth = new Growth();
    private final EventTexts texts;
    private final Map<String, TextStream> streams = new LinkedHashMap<>();

    /** What the client's next patch inherits, where that comes from an event of ours. */
    private PatchedDocuments.@Nullable Inherited ours;

    EventRestorer(
            CompiledResponse facts,
            Scope scope,
            PlaceholderForms forms,
            boolean toolCalls,
            boolean streamed) {
        this.facts = facts;
        this.scope = scope;
        this.forms = forms;
        this.texts = new EventTexts(facts, scope, toolCalls, streamed);
    }

    /** True when something was left as it was for its size. */
    boolean isIncomplete() {
        return growth.isExhausted() || texts.isOverflown();
    }

    int restored() {
        return growth.restored();
    }

    /**
     * Writes one event, and before it what it shows to have ended.
     *
     * @param document what {@code frame}'s data holds, read with {@code Source.BODY}
     * @param last no event follows
     */
    void event(
            String name, JsonValue document, Frame frame, boolean last, ByteArrayOutputStream out) {
        List<JsonValue> events =
                facts.item() == null ? List.of(document) : facts.item().select(document, scope);
        events(name, document, events, frame, last, out);
    }

    /** Writes a frame that holds several events. */
    void events(
            String name,
            JsonValue document,
            List<JsonValue> events,
            Frame frame,
            boolean last,
            ByteArrayOutputStream out) {
        PatchedDocuments.Inherited before = texts.inherited();
        List<Piece> pieces = new ArrayList<>();
        Set<String> replaced = new HashSet<>();
        boolean patchEnds = false;
        for (JsonValue event : events) {
            pieces.addAll(texts.of(name, event, frame.data().length));
            replaced.addAll(texts.replacedChannels());
            patchEnds |= texts.ended();
        }
        boolean anyHeld = streams.values().stream().anyMatch(TextStream::holds);
        boolean ends = last || patchEnds || (anyHeld || !pieces.isEmpty()) && Places.ends(document);
        if (anyHeld) {
            Set<String> going = pieces.stream().map(EventRestorer::key).collect(Collectors.toSet());
            Set<String> marks = Places.marks(document);
            streams.forEach((key, stream) -> {
                if (stream.holds()
                        && !going.contains(key)
                        && ended(stream, marks, ends, last, replaced)) {
                    release(stream, before, out);
                }
            });
        }
        Edits edits = new Edits();
        boolean changed = false;
        Map<String, Piece> lastOf = new HashMap<>();
        pieces.forEach(p -> lastOf.put(key(p), p));
        for (Piece piece : pieces) {
            boolean lastPiece = ends && piece.equals(lastOf.get(key(piece)));
            changed |= restore(piece, lastPiece, frame, pieces, edits);
        }
        if (ours != null && before != null) {
            changed |= sayInherited(ours, before, document, frame, edits);
        }
        out.writeBytes(changed ? frame.withData(edits.applyTo(frame.data())) : frame.bytes());
    }

    private static boolean ended(
            TextStream stream,
            Set<String> marks,
            boolean ends,
            boolean last,
            Set<String> replaced) {
        PatchPlace patch = stream.patch();
        return patch == null
                ? last || stream.endsBefore(marks, ends)
                : ends || replaced.contains(patch.channel());
    }

    private boolean restore(Piece piece, boolean last, Frame frame, List<Piece> all, Edits edits) {
        Place place = piece.place();
        Restorer.Reader reader = piece.json() ? Restorer.Reader.TOOL : Restorer.Reader.PAGE;
        if (piece.kind() == Kind.WHOLE
                || place == null
                || !streams.containsKey(place.key()) && streams.size() >= MAX_STREAMS) {
            List<Restorer.Change> changes =
                    new Restorer(forms, growth, v -> v, reader).add(piece.text().value(), true);
            changes.forEach(c -> piece.text().edit(c.start(), c.end(), c.with(), edits));
            return !changes.isEmpty();
        }
        TextStream stream =
                streams.computeIfAbsent(
                        place.key(), _ -> new TextStream(place.marks(), forms, growth, reader));
        if (piece.kind() == Kind.START) {
            stream.restart();
        }
        return stream.add(piece, last, frame, all, edits);
    }

    private static String key(Piece piece) {
        return piece.place() == null ? "" : piece.place().key();
    }

    /** Gives out everything that is held: the answer ends, in order or not. */
    void releaseAll(ByteArrayOutputStream out) {
        streams.values().stream()
                .filter(TextStream::holds)
                .forEach(s -> release(s, texts.inherited(), out));
    }

    private void release(
            TextStream stream,
            PatchedDocuments.@Nullable Inherited service,
            ByteArrayOutputStream out) {
        PatchPlace patch = stream.patch();
        if (patch == null
                || service == null
                || facts.patch() == null
                || facts.patch().items() != null) {
            out.writeBytes(stream.copy());
            return;
        }
        PatchFacts dialect = facts.patch().facts();
        String path = (dialect.slash() ? "/" : "") + patch.pointer();
        StringBuilder data = new StringBuilder("{");
        member(data, dialect.pathKey(), path);
        data.append(',');
        member(data, dialect.opKey(), append(dialect));
        data.append(',');
        member(data, dialect.valueKey(), stream.rest());
        if (dialect.channelKey() != null) {
            data.append(",\"").append(CanonicalJson.escape(dialect.channelKey()));
            data.append("\":").append(channel(patch.channel()));
        }
        out.writeBytes(stream.frameWith(utf8(data.append('}').toString())));
        ours = new PatchedDocuments.Inherited(path, append(dialect), patch.channel());
    }

    private static void member(StringBuilder to, String name, String value) {
        to.append('"').append(CanonicalJson.escape(name)).append("\":\"");
        to.append(CanonicalJson.escape(value)).append('"');
    }

    /** The dialect's word for append. */
    private static String append(PatchFacts dialect) {
        return dialect.ops().entrySet().stream()
                .filter(e -> e.getValue().equals("append"))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse("append");
    }

    /** A channel as the services write it: a number where it is one. */
    private static String channel(String channel) {
        boolean number =
                !channel.isEmpty()
                        && channel.length() < 10
                        && channel.chars().allMatch(c -> c >= '0' && c <= '9');
        return number ? channel : '"' + CanonicalJson.escape(channel) + '"';
    }

    /**
     * An event of ours changed what a client takes for the path and operation of the next patch:
     * writes out what the service's next patch leaves unsaid.
     */
    private boolean sayInherited(
            PatchedDocuments.Inherited last,
            PatchedDocuments.Inherited before,
            JsonValue document,
            Frame frame,
            Edits edits) {
        if (facts.patch() == null || !(document instanceof JsonObject patch)) {
            return false;
        }
        PatchFacts dialect = facts.patch().facts();
        JsonValue value = patch.get(dialect.valueKey());
        boolean isPatch =
                value != null
                        || patch.get(dialect.pathKey()) != null
                        || patch.get(dialect.opKey()) != null;
        if (!isPatch) {
            return false;
        }
        ours = null;
        boolean root =
                dialect.dictIsRoot()
                        && patch.get(dialect.pathKey()) == null
                        && value instanceof JsonObject;
        StringBuilder said = new StringBuilder();
        if (!root) {
            say(said, patch, dialect, dialect.pathKey(), last.path(), before.path());
            say(said, patch, dialect, dialect.opKey(), last.op(), before.op());
        }
        String channel = dialect.channelKey();
        if (channel != null
                && patch.get(channel) == null
                && !before.channel().isEmpty()
                && !before.channel().equals(last.channel())) {
            said.append('"').append(CanonicalJson.escape(channel)).append("\":");
            said.append(channel(before.channel())).append(',');
        }
        if (said.isEmpty()) {
            return false;
        }
        int brace = 0;
        byte[] data = frame.data();
        while (data[brace] != '{') {
            brace++;
        }
        edits.insert(brace + 1, utf8(said.toString()));
        return true;
    }

    private static void say(
            StringBuilder said,
            JsonObject patch,
            PatchFacts dialect,
            String key,
            @Nullable String last,
            @Nullable String value) {
        if (value != null
                && !value.equals(last)
                && patch.get(key) == null
                && dialect.sticky().contains(key)) {
            member(said, key, value);
            said.append(',');
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
