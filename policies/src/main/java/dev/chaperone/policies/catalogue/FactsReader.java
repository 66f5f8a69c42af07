// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies.catalogue;

import dev.chaperone.model.service.AnswerRule;
import dev.chaperone.model.service.AttachmentFacts;
import dev.chaperone.model.service.PatchFacts;
import dev.chaperone.model.service.RequestFacts;
import dev.chaperone.model.service.ResponseFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads how an endpoint's requests and answers are to be read. */
final class FactsReader {
    static final Set<String> REQUEST =
            Set.of(
                    "content_type",
                    "decode",
                    "context",
                    "turns",
                    "role",
                    "default_role",
                    "user_roles",
                    "text",
                    "tool_text",
                    "prompt",
                    "prompt_note",
                    "attachments",
                    "model",
                    "conversation",
                    "flags",
                    "note",
                    "frame_filter",
                    "tool");
    static final Set<String> ATTACHMENT =
            Set.of("each", "name", "mime", "id", "url", "size", "data", "data_url");
    static final Set<String> RESPONSE =
            Set.of(
                    "when_content_type",
                    "framing",
                    "stop_at",
                    "patch",
                    "rules",
                    "item",
                    "dedupe",
                    "prefer",
                    "strip",
                    "unwrap");
    static final Set<String> RULE =
            Set.of(
                    "on",
                    "if",
                    "each",
                    "if_each",
                    "key",
                    "append",
                    "set",
                    "set_if_empty",
                    "reasoning",
                    "tool",
                    "model",
                    "conv",
                    "error",
                    "echo",
                    "legacy");
    private static final Set<String> ECHO_RULE = Set.of("text", "args", "args_delta");
    private static final Set<String> TOOL_RULE =
            Set.of("key", "name", "args", "replace", "cont_last");
    static final Set<String> PATCH =
            Set.of(
                    "event",
                    "keys",
                    "ops",
                    "sticky",
                    "default_op",
                    "pointer",
                    "dict_is_root",
                    "note",
                    "collect",
                    "items",
                    "single_doc",
                    "batch_prefix",
                    "init");
    private static final Set<String> FRAMINGS =
            Set.of(
                    "sse",
                    "ndjson",
                    "json",
                    "json-or-array",
                    "json-array-at",
                    "numbered-lines",
                    "aws-eventstream",
                    "connect-proto",
                    "connect-json",
                    "google-len",
                    "signalr",
                    "ws-json",
                    "ws-sse-in-json",
                    "text",
                    "none");

    private final String source;

    FactsReader(String source) {
        this.source = source;
    }

    RequestFacts request(@Nullable JsonTree tree, int line) {
        if (tree == null) {
            throw new CatalogueFormatException(source, line, "'request' is missing");
        }
        Fields in = Fields.of(tree, source, REQUEST);
        JsonTree toolTree = in.tree("tool");
        RequestFacts.ToolFacts tool = null;
        if (toolTree != null) {
            Fields fields = Fields.of(toolTree, source, Set.of("name", "args"));
            tool = new RequestFacts.ToolFacts(fields.required("name"), fields.required("args"));
        }
        return new RequestFacts(
                in.texts("decode"),
                in.texts("context"),
                in.text("turns"),
                in.text("role"),
                in.text("default_role"),
                in.texts("user_roles"),
                in.texts("text"),
                in.texts("tool_text"),
                in.texts("prompt"),
                in.elements("attachments").stream().map(this::attachment).toList(),
                in.texts("model"),
                in.texts("conversation"),
                in.text("frame_filter"),
                tool);
    }

    private AttachmentFacts attachment(JsonTree tree) {
        Fields in = Fields.of(tree, source, ATTACHMENT);
        return new AttachmentFacts(
                in.required("each"),
                in.texts("name"),
                in.texts("mime"),
                in.texts("id"),
                in.texts("url"),
                in.text("size"),
                in.text("data"),
                in.texts("data_url"));
    }

    List<ResponseFacts> responses(List<JsonTree> trees) {
        List<ResponseFacts> responses = new ArrayList<>();
        for (JsonTree tree : trees) {
            Fields in = Fields.of(tree, source, RESPONSE);
            String when = in.text("when_content_type");
            if (when != null) {
                ServiceReader.regex(in, "when_content_type", when);
            }
            String framing = in.required("framing");
            if (!FRAMINGS.contains(framing)) {
                throw in.wrong(
                        "framing",
                        "must be one of " + String.join(", ", FRAMINGS.stream().sorted().toList()));
            }
            responses.add(
                    new ResponseFacts(
                            when,
                            framing,
                            in.texts("stop_at"),
                            in.text("item"),
                            in.text("dedupe"),
                            in.text("strip", ""),
                            in.text("unwrap"),
                            patch(in.tree("patch")),
                            rules(in.elements("rules"))));
        }
        return responses;
    }

    private List<AnswerRule> rules(List<JsonTree> trees) {
        List<AnswerRule> rules = new ArrayList<>();
        for (JsonTree tree : trees) {
            Fields in = Fields.of(tree, source, RULE);
            String on = in.text("on");
            if (on != null) {
                ServiceReader.regex(in, "on", on);
            }
            rules.add(
                    new AnswerRule(
                            on,
                            in.text("if"),
                            in.text("each"),
                            in.text("if_each"),
                            in.text("key"),
                            in.texts("append"),
                            in.text("set"),
                            in.text("set_if_empty"),
                            in.texts("reasoning"),
                            toolRule(in.tree("tool")),
                            in.texts("model"),
                            in.texts("conv"),
                            in.texts("error"),
                            echo(in.tree("echo"))));
        }
        return rules;
    }

    private AnswerRule.@Nullable EchoRule echo(@Nullable JsonTree tree) {
        if (tree == null) {
            return null;
        }
        Fields in = Fields.of(tree, source, ECHO_RULE);
        return new AnswerRule.EchoRule(in.texts("text"), in.texts("args"), in.texts("args_delta"));
    }

    private AnswerRule.@Nullable ToolRule toolRule(@Nullable JsonTree tree) {
        if (tree == null) {
            return null;
        }
        Fields in = Fields.of(tree, source, TOOL_RULE);
        return new AnswerRule.ToolRule(
                in.text("key"),
                in.text("name"),
                in.texts("args"),
                in.flag("replace", false),
                in.flag("cont_last", false));
    }

    private @Nullable PatchFacts patch(@Nullable JsonTree tree) {
        if (tree == null) {
            return null;
        }
        Fields in = Fields.of(tree, source, PATCH);
        Map<String, String> keys = in.textMap("keys");
        for (String name : List.of("path", "op", "value")) {
            if (!keys.containsKey(name)) {
                throw in.wrong("keys", "must name '" + name + "'");
            }
        }
        JsonTree initTree = in.tree("init");
        Fields init = initTree == null ? null : Fields.of(initTree, source, Set.of("if", "from"));
        String pointer = in.text("pointer", "slash");
        if (!pointer.equals("slash") && !pointer.equals("noslash")) {
            throw in.wrong("pointer", "must be slash or noslash");
        }
        return new PatchFacts(
                in.texts("event"),
                in.text("items"),
                keys.getOrDefault("path", ""),
                keys.getOrDefault("op", ""),
                keys.getOrDefault("value", ""),
                keys.get("channel"),
                in.textMap("ops"),
                in.texts("sticky"),
                in.text("default_op"),
                pointer.equals("slash"),
                in.flag("dict_is_root", false),
                in.flag("single_doc", false),
                in.flag("batch_prefix", false),
                init == null ? null : init.required("if"),
                init == null ? null : init.required("from"),
                rules(in.elements("collect")));
    }
}
