// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.inspector.capture.Inspection;
import dev.chaperone.model.prompt.Account;
import dev.chaperone.model.prompt.Answer;
import dev.chaperone.model.prompt.Attachment;
import dev.chaperone.model.prompt.NotInspected;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** The line that {@code inspect --json} prints for an exchange. */
final class InspectionJson {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private InspectionJson() {}

    static String line(Inspection seen, InspectCommand.Judgement judgement) {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("id", seen.exchange().id());
        boolean known = seen.match() != null;
        line.put("service", seen.match() == null ? null : seen.match().service().id());
        line.put("endpoint", seen.match() == null ? null : seen.match().endpoint().id());
        line.put("kind", seen.match() == null ? null : seen.match().endpoint().kind().id());
        line.put("prompt", seen.prompt().text().isEmpty() ? null : seen.prompt().text());
        line.put("all_texts", seen.declaredTexts());
        line.put("attachments", attachments(seen.prompt().attachments()));
        line.put("model", seen.model());
        line.put("conversation_id", seen.conversation());
        line.put("account", known ? account(seen.prompt().account()) : null);
        Answer answer = seen.answer();
        line.put("response_text", answer == null ? null : answer.text());
        line.put("tool_calls", answer == null ? List.of() : toolCalls(answer));
        line.put("response_error", answer == null ? null : answer.error());
        line.put("reasoning", answer == null ? null : answer.reasoning());
        line.put(
                "not_inspected",
                seen.prompt().notInspected().stream().map(NotInspected::code).toList());
        line.put("assessment", judgement.assessment());
        line.put("decision", judgement.decision());
        return JSON.writeValueAsString(line);
    }

    private static List<Map<String, Object>> attachments(List<Attachment> attachments) {
        List<Map<String, Object>> list = new ArrayList<>();
        for (Attachment a : attachments) {
            Map<String, Object> entry = new LinkedHashMap<>();
            put(entry, "name", a.name());
            put(entry, "mime", a.mime());
            put(entry, "id", a.id());
            put(entry, "url", a.url());
            put(entry, "size", a.size());
            list.add(entry);
        }
        return list;
    }

    private static @Nullable Map<String, Object> account(Account account) {
        Map<String, Object> entry = new LinkedHashMap<>();
        put(entry, "kind", account.kind());
        put(entry, "id", account.id());
        return entry.isEmpty() ? null : entry;
    }

    private static void put(Map<String, Object> entry, String name, @Nullable Object value) {
        if (value != null) {
            entry.put(name, value);
        }
    }

    private static List<Map<String, String>> toolCalls(Answer answer) {
        return answer.toolCalls().stream()
                .map(call -> Map.of("name", call.name(), "arguments", call.arguments()))
                .toList();
    }
}
