// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import dev.chaperone.inspector.body.JsonArray;
import dev.chaperone.inspector.body.JsonObject;
import dev.chaperone.inspector.body.JsonScalar;
import dev.chaperone.inspector.body.JsonValue;
import dev.chaperone.model.service.PatchFacts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Documents that the events of an answer build up in a patch dialect. One thread. */
final class PatchedDocuments {
    /** What the documents of one answer may hold, chars as received. */
    private static final int MAX_SIZE = 4 << 20;

    private static final int MAX_DOCUMENTS = 1024;

    /** Deeper places than any service's; they would make documents that nothing can walk. */
    private static final int MAX_STEPS = 64;

    /** Hears what becomes of each patch, once it was applied. */
    interface Listener {
        /** A document was installed as the channel's {@code number}-th of the answer. */
        void installed(String channel, int number, JsonValue root);

        /**
         * A document was changed.
         *
         * @param steps of the place
         */
        void applied(String channel, int number, List<String> steps, String op, JsonValue value);
    }

    /** Nobody listens. */
    static final Listener UNHEARD =
            new Listener() {
                @Override
                public void installed(String channel, int number, JsonValue root) {}

                @Override
                public void applied(
                        String channel,
                        int number,
                        List<String> steps,
                        String op,
                        JsonValue value) {}
            };

    /**
     * What a patch inherits when it does not say it.
     *
     * @param op the dialect's word, or null for none yet
     */
    record Inherited(String path, @Nullable String op, String channel) {}

    private final CompiledResponse.Patch patch;
    private final PatchFacts facts;
    private final Scope scope;
    private final List<JsonValue> documents = new ArrayList<>();

    /** Channel → place of its document. */
    private final Map<String, Integer> current = new HashMap<>();

    private String lastPath = "";
    private @Nullable String lastOp;
    private String lastChannel = "";
    private final Listener listener;
    private int size;
    private boolean overflown;

    PatchedDocuments(CompiledResponse.Patch patch, Scope scope, Listener listener) {
        this.listener = listener;
        this.patch = patch;
        this.facts = patch.facts();
        this.scope = scope;
    }

    List<JsonValue> documents() {
        return documents;
    }

    /** What the next patch would inherit. */
    Inherited inherited() {
        return new Inherited(lastPath, lastOp, lastChannel);
    }

    boolean isOverflown() {
        return overflown;
    }

    /**
     * @param length of the event as received, chars
     */
    void event(String name, JsonValue event, int length) {
        if (!patch.events().isEmpty() && !patch.events().contains(name)) {
            return;
        }
        if (size + length > MAX_SIZE) {
            overflown = true;
            return;
        }
        size += length;
        if (patch.init() != null && patch.initFrom() != null && patch.init().holds(event, scope)) {
            patch.initFrom().select(event, scope).forEach(root -> install("", root));
            return;
        }
        if (patch.items() == null) {
            item(event);
        } else {
            patch.items().select(event, scope).forEach(this::item);
        }
    }

    private void item(JsonValue value) {
        if (!(value instanceof JsonObject item)) {
            return;
        }
        JsonValue path = item.get(facts.pathKey());
        JsonValue op = item.get(facts.opKey());
        JsonValue with = item.get(facts.valueKey());
        if (path == null && op == null && with == null) {
            return;
        }
        String channel = channel(item);
        boolean isRoot = path == null && facts.dictIsRoot() && with instanceof JsonObject;
        String at = path != null ? text(path) : isRoot ? "" : sticky(facts.pathKey(), lastPath);
        String word = op != null ? text(op) : isRoot ? null : stickyOrNull(facts.opKey(), lastOp);
        lastPath = at;
        lastOp = word;
        apply(channel, at, word == null ? facts.defaultOp() : word, with, isRoot);
    }

    private String channel(JsonObject item) {
        if (facts.channelKey() == null) {
            return "";
        }
        JsonValue named = item.get(facts.channelKey());
        if (named != null) {
            lastChannel = text(named);
        }
        return lastChannel;
    }

    private String sticky(String key, String last) {
        return facts.sticky().contains(key) ? last : "";
    }

    private @Nullable String stickyOrNull(String key, @Nullable String last) {
        return facts.sticky().contains(key) ? last : null;
    }

    private static String text(JsonValue value) {
        String text = Path.scalar(value);
        return text == null ? "" : text;
    }

    private void apply(
            String channel,
            String path,
            @Nullable String word,
            @Nullable JsonValue value,
            boolean isRoot) {
        String op = word == null ? "replace" : facts.ops().getOrDefault(word, word);
        if (op.equals("batch")) {
            batch(channel, path, value);
            return;
        }
        List<String> steps = steps(path);
        if (steps.size() > MAX_STEPS) {
            overflown = true;
            return;
        }
        if (steps.isEmpty()) {
            boolean merges = op.equals("append") && !isRoot && current.containsKey(channel);
            if (value != null && !merges) {
                install(channel, value);
            }
            return;
        }
        Integer at = current.get(channel);
        if (at == null) {
            at = install(channel, new JsonObject());
        }
        JsonValue with = value == null ? JsonScalar.NULL : value;
        JsonPatch.apply(documents.get(at), steps, op, with);
        listener.applied(channel, at, steps, op, with);
    }

    private void batch(String channel, String path, @Nullable JsonValue value) {
        if (!(value instanceof JsonArray items)) {
            return;
        }
        for (JsonValue element : items.elements()) {
            if (element instanceof JsonObject item) {
                JsonValue place = item.get(facts.pathKey());
                JsonValue op = item.get(facts.opKey());
                String at = place == null ? "" : text(place);
                if (facts.batchPrefix() && !path.isEmpty()) {
                    at = at.isEmpty() ? path : path + "/" + at;
                }
                apply(
                        channel,
                        at,
                        op == null ? facts.defaultOp() : text(op),
                        item.get(facts.valueKey()),
                        false);
            }
        }
    }

    private int install(String channel, JsonValue root) {
        int number = place(root);
        current.put(channel, number);
        listener.installed(channel, number, root);
        return number;
    }

    private int place(JsonValue root) {
        if (facts.singleDoc() && !documents.isEmpty()) {
            documents.set(0, root);
            return 0;
        }
        if (documents.size() >= MAX_DOCUMENTS) {
            overflown = true;
            documents.set(documents.size() - 1, root);
        } else {
            documents.add(root);
        }
        return documents.size() - 1;
    }

    /** The steps of a JSON Pointer (RFC 6901 §3), with or without the leading slash. */
    private List<String> steps(String path) {
        List<String> steps = new ArrayList<>();
        String rest = facts.slash() && path.startsWith("/") ? path.substring(1) : path;
        if (!rest.isEmpty()) {
            for (String step : rest.split("/", -1)) {
                steps.add(step.replace("~1", "/").replace("~0", "~"));
            }
        }
        return steps;
    }
}
