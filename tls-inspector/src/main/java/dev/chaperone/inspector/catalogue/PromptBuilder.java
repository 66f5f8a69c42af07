// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import dev.chaperone.inspector.body.JsonObject;
import dev.chaperone.inspector.body.JsonValue;
import dev.chaperone.inspector.body.Text;
import dev.chaperone.model.prompt.Account;
import dev.chaperone.model.prompt.Origin;
import dev.chaperone.model.prompt.Prompt;
import dev.chaperone.model.service.Endpoint;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gathers one prompt from the documents of a body. Used by one thread. */
final class PromptBuilder {
    /**
     * A turn as the catalogue declares it.
     *
     * @param user true for the person's
     */
    private record Turn(JsonValue value, @Nullable String role, boolean user, List<Text> texts) {}

    private final CompiledEndpoint endpoint;
    private final CompiledRequest facts;
    private final Scope scope;
    private final SegmentList segments = new SegmentList();
    private final AttachmentReader attachments;
    private final IdentityHashMap<JsonValue, Origin> turnOrigins = new IdentityHashMap<>();
    private final StringBuilder asked = new StringBuilder();
    private @Nullable String model;
    private @Nullable String conversation;
    private @Nullable String accountKind;
    private @Nullable String accountId;

    PromptBuilder(EndpointMatch match, Scope scope) {
        this.endpoint = match.compiled();
        this.facts = endpoint.request;
        this.scope = scope;
        this.attachments = new AttachmentReader(segments, scope);
    }

    /** Takes what the catalogue declares. */
    void declared(JsonValue document) {
        List<Text> prompt = texts(facts.prompt(), document);
        List<Turn> turns = turns(document);
        int last = prompt.isEmpty() ? lastAsked(turns) : -1;
        prompt.forEach(text -> ask(text.value()));
        if (last >= 0) {
            turns.get(last).texts.forEach(text -> ask(text.value()));
        }
        for (Path path : facts.context()) {
            Origin origin = Origins.ofContext(path);
            texts(List.of(path), document)
                    .forEach(text ->
                            segments.add(text, isAmong(text, prompt) ? Origin.USER : origin));
        }
        for (int i = 0; i < turns.size(); i++) {
            turn(turns.get(i), i == last, prompt);
        }
        prompt.forEach(text -> segments.add(text, Origin.USER));
        facts.attachments().forEach(a -> attachments.read(a, document));
        describe(document);
    }

    /** Takes the first value that tells model, conversation and account. */
    void describe(JsonValue document) {
        if (model == null) {
            model = Path.firstValue(facts.model(), document, scope);
        }
        if (conversation == null) {
            conversation = Path.firstValue(facts.conversation(), document, scope);
        }
        if (accountKind == null) {
            accountKind = endpoint.accountKind(document, scope);
        }
        if (accountId == null) {
            accountId = endpoint.accountId(document, scope);
        }
    }

    /** Takes every other string of a document. */
    void undeclared(JsonValue document) {
        Origin origin =
                endpoint.endpoint.kind() == Endpoint.Kind.TOOL ? Origin.TOOL_CALL : Origin.USER;
        FallbackScan scan = new FallbackScan(segments, turnOrigins);
        scan.scan(document, "", origin);
        attachments.countUnread(document);
    }

    /** Takes what texts hide behind escapes of their own. */
    void nestedEscapes() {
        FallbackScan scan = new FallbackScan(segments, turnOrigins);
        int known = segments.size();
        for (int i = 0; i < known; i++) {
            scan.nestedEscapes(segments.place(i), segments.get(i).origin());
        }
    }

    /** Compares places, not texts: equal texts can stand at two places. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean isAmong(Text text, List<Text> texts) {
        for (Text other : texts) {
            if (other == text) {
                return true;
            }
        }
        return false;
    }

    private void ask(String text) {
        if (!asked.isEmpty()) {
            asked.append('\n');
        }
        asked.append(text);
    }

    private List<Turn> turns(JsonValue document) {
        List<Turn> turns = new ArrayList<>();
        if (facts.turns() == null) {
            return turns;
        }
        for (JsonValue value : facts.turns().select(document, scope)) {
            String role = facts.role() == null ? null : facts.role().firstValue(value, scope);
            if (role == null) {
                role = facts.defaultRole();
            }
            boolean user = role != null && facts.userRoles().contains(role);
            turns.add(new Turn(value, role, user, texts(facts.text(), value)));
        }
        return turns;
    }

    private static int lastAsked(List<Turn> turns) {
        for (int i = turns.size() - 1; i >= 0; i--) {
            if (turns.get(i).user && !turns.get(i).texts.isEmpty()) {
                return i;
            }
        }
        return -1;
    }

    private void turn(Turn turn, boolean asking, List<Text> prompt) {
        Origin origin = asking ? Origin.USER : originOf(turn);
        if (turn.value instanceof JsonObject || !turn.texts.isEmpty()) {
            turnOrigins.put(turn.value, origin);
        }
        for (Text text : turn.texts) {
            segments.add(text, isAmong(text, prompt) ? Origin.USER : origin);
        }
        for (Path path : facts.toolText()) {
            Origin tool = Origins.ofToolText(path);
            texts(List.of(path), turn.value).forEach(text -> segments.add(text, tool));
        }
    }

    private static Origin originOf(Turn turn) {
        if (turn.role == null) {
            return turn.value instanceof JsonObject object
                    ? Origins.ofObject(object, Origin.HISTORY)
                    : Origin.HISTORY;
        }
        return Origins.ofRole(turn.role, Origin.HISTORY);
    }

    /** The texts that paths select, each place once, empty ones left out. */
    private List<Text> texts(List<Path> paths, JsonValue document) {
        List<Text> texts = new ArrayList<>();
        for (Path path : paths) {
            // One path selects a place once; only other paths can have selected it before.
            List<Text> before = texts.isEmpty() ? List.of() : List.copyOf(texts);
            for (JsonValue value : path.select(document, scope)) {
                if (value instanceof Text text
                        && !text.value().isEmpty()
                        && !isAmong(text, before)) {
                    texts.add(text);
                }
            }
        }
        return texts;
    }

    int segmentCount() {
        return segments.size();
    }

    boolean isEmpty() {
        return segments.size() == 0
                && attachments.attachments().isEmpty()
                && attachments.unread().isEmpty();
    }

    Prompt prompt() {
        return new Prompt(
                segments.segments(),
                asked.toString(),
                attachments.attachments(),
                model,
                conversation,
                new Account(accountKind, accountId),
                attachments.unread());
    }

    TextMap map(byte[] body) {
        return segments.map(body);
    }
}
