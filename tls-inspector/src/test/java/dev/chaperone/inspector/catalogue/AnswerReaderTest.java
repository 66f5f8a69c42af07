// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.inspector.http.RequestHead;
import dev.chaperone.model.prompt.Answer;
import dev.chaperone.policies.catalogue.CatalogueLoader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnswerReaderTest {
    private static final RequestHead CHAT = PromptReaderTest.head("POST", "/chat");

    private static AnswerReader reader(int status, String contentType) {
        return AnswerReader.forResponse(
                MadeUp.CATALOGUE.match(CHAT).orElseThrow(), CHAT, status, contentType);
    }

    private static void feed(AnswerReader reader, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        reader.feed(bytes, 0, bytes.length);
    }

    @Test
    void anAnswerCanBeLookedAtWhileItStreams() {
        AnswerReader reader = reader(200, "text/event-stream");
        feed(reader, "data: {\"t\":\"one \"}\n\ndata: {\"t\":\"tw");
        assertThat(reader.soFar().text()).isEqualTo("one ");
        feed(reader, "o\"}\n\ndata: [DONE]\n\ndata: {\"t\":\"after the end\"}\n\n");
        assertThat(reader.finish().text()).isEqualTo("one two");
    }

    @Test
    void anErrorDocumentInsteadOfAStreamIsRead() {
        AnswerReader reader = reader(429, "application/json");
        feed(reader, "{\"error\":{\"message\":\"slow down\"}}");
        assertThat(reader.finish().error()).isEqualTo("slow down");
    }

    @Test
    void aLongAnswerIsCutAndSaysSo() {
        AnswerReader reader = reader(200, "text/event-stream");
        String event = "data: {\"t\":\"" + "x".repeat(100_000) + "\"}\n\n";
        for (int i = 0; i < 30; i++) {
            feed(reader, event);
        }
        Answer answer = reader.finish();
        assertThat(answer.text()).hasSize(AnswerBuilder.MAX_TEXT);
        assertThat(answer.truncated()).isTrue();
    }

    @Test
    void malformedEventsAreSkipped() {
        AnswerReader reader = reader(200, "text/event-stream");
        feed(reader, "data: {\"t\":\n\ndata: {\"t\":\"ok\"}\n\n");
        assertThat(reader.finish().text()).isEqualTo("ok");
    }

    private static Answer patched(String... events) {
        String service =
                """
                {"id": "patcher", "name": "Patcher", "hosts": ["p.example"], "endpoints": [
                 {"id": "chat", "method": "POST", "path": "/chat", "kind": "prompt",
                  "request": {"decode": ["json"]},
                  "responses": [{"framing": "ndjson", "rules": [],
                    "patch": {"keys": {"path": "p", "op": "o", "value": "v"},
                      "sticky": ["p", "o"], "default_op": "append", "pointer": "noslash",
                      "dict_is_root": true, "batch_prefix": true, "ops": {"BATCH": "batch"},
                      "collect": [{"append": "parts[*]"}, {"conv": "id"}]}}]}]}
                """;
        Catalogue catalogue =
                Catalogue.compile(
                        List.of(
                                CatalogueLoader.parse(
                                        service.getBytes(StandardCharsets.UTF_8), "p")));
        RequestHead head =
                new RequestHead("POST", "https", "p.example", 443, "/chat", List.of(), "h2");
        AnswerReader reader =
                AnswerReader.forResponse(
                        catalogue.match(head).orElseThrow(), head, 200, "application/x-ndjson");
        feed(reader, String.join("\n", events));
        return reader.finish();
    }

    @Test
    void patchesBuildTheAnswer() {
        Answer answer =
                patched(
                        "{\"v\":{\"parts\":[\"a\"],\"id\":\"c1\"}}",
                        "{\"p\":\"parts/0\",\"o\":\"append\",\"v\":\"b\"}",
                        "{\"v\":\"c\"}",
                        "{\"p\":\"parts\",\"o\":\"BATCH\",\"v\":[{\"p\":\"-\",\"o\":\"add\",\"v\":\"d\"},"
                                + "{\"p\":\"-1\",\"v\":\"e\"},{\"p\":\"9\",\"o\":\"remove\"}]}");
        assertThat(answer.text()).isEqualTo("abcde");
        assertThat(answer.conversation()).isEqualTo("c1");
    }

    @Test
    void hostilePatchesAreDroppedAndTold() {
        Answer answer =
                patched(
                        "{\"p\":\"" + "a/".repeat(10_000) + "\",\"o\":\"add\",\"v\":1}",
                        "{\"p\":\"parts/0\",\"o\":\"add\",\"v\":\"ok\"}");
        assertThat(answer.text()).isEqualTo("ok");
        assertThat(answer.truncated()).isTrue();
    }
}
