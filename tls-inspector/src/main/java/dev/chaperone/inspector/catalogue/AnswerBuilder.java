// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import dev.chaperone.inspector.body.CanonicalJson;
import dev.chaperone.inspector.body.JsonScalar;
import dev.chaperone.inspector.body.JsonValue;
import dev.chaperone.inspector.body.Text;
import dev.chaperone.model.prompt.Answer;
import dev.chaperone.model.prompt.ToolCall;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Gathers one answer by the rules of its endpoint. One thread. */
final class AnswerBuilder {
    /** What is kept of an answer's text, reasoning and tool calls, chars each. */
    static final int MAX_TEXT = 1 << 20;

    /** More tool calls than any client runs in a turn. */
    private static final int MAX_CALLS = 1024;

    private static final class Call {
        private @Nullable String name;
        private final StringBuilder args = new StringBuilder();
    }

    private final Scope scope;
    private final StringBuilder appended = new StringBuilder();
    private final StringBuilder reasoning = new StringBuilder();
    private final Map<String, String> whole = new LinkedHashMap<>();
    private final Map<String, Call> calls = new LinkedHashMap<>();
    private @Nullable Call lastCall;
    private @Nullable String model;
    private @Nullable String conversation;
    private @Nullable String error;
    private int wholeLength;
    private boolean truncated;

    AnswerBuilder(Scope scope) {
        this.scope = scope;
    }

    /** The same so far, to go on with separately. */
    AnswerBuilder copy() {
        AnswerBuilder copy = new AnswerBuilder(scope);
        copy.appended.append(appended);
        copy.reasoning.append(reasoning);
        copy.whole.putAll(whole);
        calls.forEach((key, call) -> {
            Call same = new Call();
            same.name = call.name;
            same.args.append(call.args);
            copy.calls.put(key, same);
            copy.lastCall = same;
        });
        copy.model = model;
        copy.conversation = conversation;
        copy.error = error;
        copy.wholeLength = wholeLength;
        copy.truncated = truncated;
        return copy;
    }

    void truncate() {
        truncated = true;
    }

    void event(List<CompiledResponse.Rule> rules, String name, JsonValue document) {
        CompiledResponse.forEach(rules, name, document, scope, this::apply);
    }

    private void apply(CompiledResponse.Rule rule, JsonValue value) {
        append(appended, firstText(rule.append(), value));
        append(reasoning, firstText(rule.reasoning(), value));
        if (rule.set() != null) {
            set(rule, value, text(rule.set(), value));
        }
        if (rule.setIfEmpty() != null && appended.isEmpty() && whole.isEmpty()) {
            set(rule, value, text(rule.setIfEmpty(), value));
        }
        if (rule.tool() != null) {
            tool(rule.tool(), value);
        }
        if (model == null) {
            model = Path.firstValue(rule.model(), value, scope);
        }
        if (conversation == null) {
            conversation = Path.firstValue(rule.conversation(), value, scope);
        }
        error(rule.error(), value);
    }

    /** The first error told is the one that ended the answer. */
    void error(List<Path> paths, JsonValue value) {
        if (error == null) {
            error = Path.firstValue(paths, value, scope);
        }
    }

    boolean hasError() {
        return error != null;
    }

    private void set(CompiledResponse.Rule rule, JsonValue value, String text) {
        if (text.isEmpty()) {
            return;
        }
        String key = rule.key() == null ? null : rule.key().firstValue(value, scope);
        String before = whole.getOrDefault(key == null ? "" : key, "");
        if (wholeLength - before.length() + text.length() > MAX_TEXT) {
            truncated = true;
            return;
        }
        wholeLength += text.length() - before.length();
        whole.put(key == null ? "" : key, text);
    }

    private void append(StringBuilder to, String text) {
        int room = Math.min(text.length(), MAX_TEXT - to.length());
        truncated |= room < text.length();
        to.append(text, 0, room);
    }

    /** What the first path that selects a text selects. */
    private String firstText(List<Path> paths, JsonValue value) {
        for (Path path : paths) {
            String text = text(path, value);
            if (!text.isEmpty()) {
                return text;
            }
        }
        return "";
    }

    private String text(Path path, JsonValue value) {
        List<JsonValue> selected = path.select(value, scope);
        if (selected.size() == 1) {
            return selected.getFirst() instanceof Text text ? text.value() : "";
        }
        StringBuilder joined = new StringBuilder();
        for (JsonValue part : selected) {
            if (part instanceof Text text) {
                joined.append(text.value());
            }
        }
        return joined.toString();
    }

    private void tool(CompiledResponse.ToolPaths paths, JsonValue value) {
        String name = paths.name() == null ? null : paths.name().firstValue(value, scope);
        String args = "";
        boolean complete = paths.replace();
        for (Path path : paths.args()) {
            for (JsonValue part : path.select(value, scope)) {
                if (args.isEmpty() && !(part instanceof JsonScalar s && s.isNull())) {
                    complete |= !(part instanceof Text);
                    args = part instanceof Text text ? text.value() : CanonicalJson.of(part);
                }
            }
        }
        if (name == null && args.isEmpty()) {
            return;
        }
        Call call = call(paths, value, name);
        if (call.name == null) {
            call.name = name;
        }
        if (complete && !args.isEmpty()) {
            call.args.setLength(0);
        }
        append(call.args, args);
    }

    private Call call(CompiledResponse.ToolPaths paths, JsonValue value, @Nullable String name) {
        String key = paths.key() == null ? null : paths.key().firstValue(value, scope);
        boolean continues = paths.continuesLast() || (paths.key() != null && name == null);
        if (key == null && continues && lastCall != null) {
            return lastCall;
        }
        if (calls.size() >= MAX_CALLS && lastCall != null) {
            truncated = true;
            return lastCall;
        }
        // Calls without a key are told apart by their number.
        String unique = key == null ? "#" + calls.size() : "=" + key;
        Call call = calls.computeIfAbsent(unique, _ -> new Call());
        lastCall = call;
        return call;
    }

    Answer answer(String strip) {
        StringBuilder text = new StringBuilder();
        if (whole.isEmpty()) {
            text.append(appended);
        } else {
            whole.values().forEach(text::append);
        }
        for (int i = 0; i < strip.length(); i++) {
            int at;
            String unwanted = strip.substring(i, i + 1);
            while ((at = text.indexOf(unwanted)) >= 0) {
                text.deleteCharAt(at);
            }
        }
        List<ToolCall> toolCalls = new ArrayList<>();
        for (Call call : calls.values()) {
            if (call.name != null) {
                toolCalls.add(new ToolCall(call.name, CanonicalJson.ofText(call.args.toString())));
            }
        }
        return new Answer(
                text.isEmpty() ? null : text.toString(),
                reasoning.isEmpty() ? null : reasoning.toString(),
                toolCalls,
                error,
                model,
                conversation,
                truncated);
    }
}
