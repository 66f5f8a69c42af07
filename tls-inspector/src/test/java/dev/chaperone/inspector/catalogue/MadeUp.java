// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import dev.chaperone.policies.catalogue.CatalogueLoader;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A service that nobody knows, from one file. */
final class MadeUp {
    static final Catalogue CATALOGUE = catalogue();

    private MadeUp() {}

    private static Catalogue catalogue() {
        String file =
                """
                {
                  "id": "made-up", "name": "Made up", "vendor": "nobody", "category": "api",
                  "hosts": ["ai.example", "*.ai.example", "lan.example:8443"],
                  "account": [{"from": "@header:x-team", "id": true, "kind": "enterprise"}],
                  "endpoints": [
                    {"id": "chat", "method": "POST", "path": "/chat", "kind": "prompt",
                     "request": {"decode": ["json"], "prompt": ["q"], "model": ["m"],
                       "attachments": [{"each": "files[*]", "mime": "mime", "data": "data"}]},
                     "responses": [{"framing": "sse", "stop_at": ["[DONE]"],
                       "rules": [{"append": "t"}, {"if": "error", "error": "error.message"}]}],
                     "block_reply": {"status": 400, "body": {"id": "{request_id}", "why": "{message}"},
                       "sse": ["data: {\\"why\\":\\"{message}\\"}\\n\\n", "data: [DONE]\\n\\n"],
                       "stream_reply": true}},
                    {"id": "form", "method": "POST", "path": "/form", "kind": "prompt",
                     "request": {"decode": ["form:f", "json", "at:[1]", "json"], "prompt": ["[0]"]}},
                    {"id": "multipart", "method": "POST", "path": "/multipart", "kind": "prompt",
                     "request": {"decode": ["multipart"], "prompt": ["q"],
                       "attachments": [{"each": "_files[*]", "name": "name", "size": "size"}]}},
                    {"id": "query", "method": "GET", "path": "/query", "kind": "prompt",
                     "request": {"decode": ["query"], "prompt": ["q"]}},
                    {"id": "turns", "method": "POST", "path": "/turns/(?<room>[^/]+)", "kind": "prompt",
                     "request": {"decode": ["json"], "turns": "messages[*]", "role": "role",
                       "user_roles": ["user"], "text": ["content", "content[?type=text].text"],
                       "tool_text": ["content[?type=tool_result].content"],
                       "conversation": ["@path:room"]}},
                    {"id": "later", "method": "POST", "path": "/later", "kind": "prompt",
                     "request": {"decode": ["connect", "proto"]}},
                    {"id": "socket", "method": "GET", "path": "/socket", "transport": "ws",
                     "kind": "prompt",
                     "request": {"decode": ["ws"], "frame_filter": "event=send", "prompt": ["text"]},
                     "responses": [{"framing": "ws-json", "rules": [{"append": "text"}]}],
                     "block_reply": {"request_id": "turn",
                       "ws_frames": ["{\\"turn\\":\\"{request_id}\\",\\"say\\":\\"{message}\\"}"]}}
                  ]
                }
                """;
        return Catalogue.compile(
                CatalogueLoader.with(
                        CatalogueLoader.shipped(),
                        List.of(
                                CatalogueLoader.parse(
                                        file.getBytes(StandardCharsets.UTF_8), "made-up.json"))));
    }
}
