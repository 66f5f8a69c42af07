// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import dev.chaperone.inspector.body.CanonicalJson;
import dev.chaperone.inspector.capture.Fixtures;
import dev.chaperone.inspector.http.HeaderField;
import dev.chaperone.inspector.http.RequestHead;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The shapes in which services answer, after the project's fixtures: one text, cut into pieces, as
 * the bytes of an answer.
 */
enum StreamDialect {
    CHATGPT_WEB("chatgpt.com", "/backend-api/f/conversation", "text/event-stream", "v") {
        @Override
        String answer(List<String> pieces) {
            StringBuilder s = new StringBuilder("event: delta_encoding\ndata: \"v1\"\n\n");
            s.append(
                    "event: delta\ndata: {\"p\":\"\",\"o\":\"add\",\"v\":{\"message\":{\"id\":\"sys1\",\"author\":{\"role\":\"system\"},\"content\":{\"content_type\":\"text\",\"parts\":[\"\"]},\"recipient\":\"all\",\"metadata\":{}},\"conversation_id\":\"6710a1b2\",\"error\":null},\"c\":0}\n\n");
            s.append(
                    "event: delta\ndata: {\"v\":{\"message\":{\"id\":\"as1\",\"author\":{\"role\":\"assistant\",\"name\":null,\"metadata\":{}},\"content\":{\"content_type\":\"text\",\"parts\":[\"\"]},\"status\":\"in_progress\",\"end_turn\":null,\"recipient\":\"all\",\"metadata\":{\"model_slug\":\"gpt-5-1\"}},\"conversation_id\":\"6710a1b2\",\"error\":null},\"c\":1}\n\n");
            s.append(
                    "data: {\"type\":\"message_marker\",\"message_id\":\"as1\",\"marker\":\"user_visible_token\",\"event\":\"first\"}\n\n");
            for (int i = 0; i < pieces.size(); i++) {
                String v = "\"v\":" + quoted(pieces.get(i));
                String append = "{\"p\":\"/message/content/parts/0\",\"o\":\"append\"," + v + "}";
                String patch =
                        i == 0 || i % 7 == 1
                                ? append
                                : i % 7 == 0
                                        ? "{\"p\":\"\",\"o\":\"patch\",\"v\":["
                                                + append
                                                + ",{\"p\":\"/message/metadata/token_count\",\"o\":\"replace\",\"v\":3}]}"
                                        : "{" + v + "}";
                s.append("event: delta\ndata: ").append(patch).append("\n\n");
            }
            return s
                    + "event: delta\ndata: {\"p\":\"\",\"o\":\"patch\",\"v\":[{\"p\":\"/message/status\",\"o\":\"replace\",\"v\":\"finished_successfully\"},{\"p\":\"/message/end_turn\",\"o\":\"replace\",\"v\":true}]}\n\n"
                    + "data: {\"type\":\"message_stream_complete\",\"conversation_id\":\"6710a1b2\"}\n\ndata: [DONE]\n\n";
        }
    },
    OPENAI_CHAT("api.openai.com", "/v1/chat/completions", "text/event-stream", "content") {
        @Override
        String answer(List<String> pieces) {
            String head =
                    "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"model\":\"gpt-5-mini\",\"choices\":[{\"index\":0,\"delta\":{";
            StringBuilder s = new StringBuilder(": keep-alive\n\n");
            s.append(head)
                    .append(
                            "\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n");
            for (String piece : pieces) {
                s.append(head).append("\"content\":").append(quoted(piece));
                s.append("},\"finish_reason\":null}]}\n\n");
            }
            return s
                    + head
                    + "},\"finish_reason\":\"stop\"}]}\n\n"
                    + "data: {\"id\":\"c\",\"choices\":[],\"usage\":{\"total_tokens\":3}}\n\ndata: [DONE]\n\n";
        }
    },
    OPENAI_RESPONSES("api.openai.com", "/v1/responses", "text/event-stream", "delta|text") {
        @Override
        String answer(List<String> pieces) {
            StringBuilder s = new StringBuilder();
            event(
                    s,
                    "response.created",
                    "\"response\":{\"id\":\"resp_1\",\"model\":\"gpt-5.1\",\"output\":[]}");
            event(
                    s,
                    "response.output_item.added",
                    "\"output_index\":0,\"item\":{\"type\":\"message\",\"id\":\"msg_1\",\"content\":[]}");
            String at = "\"item_id\":\"msg_1\",\"output_index\":0,\"content_index\":0,";
            for (String piece : pieces) {
                event(s, "response.output_text.delta", at + "\"delta\":" + quoted(piece));
            }
            String text = quoted(String.join("", pieces));
            String part = "{\"type\":\"output_text\",\"annotations\":[],\"text\":" + text + "}";
            event(s, "response.output_text.done", at + "\"text\":" + text);
            event(s, "response.content_part.done", at + "\"part\":" + part);
            String item =
                    "{\"id\":\"msg_1\",\"type\":\"message\",\"status\":\"completed\",\"content\":["
                            + part
                            + "]}";
            event(s, "response.output_item.done", "\"output_index\":0,\"item\":" + item);
            event(
                    s,
                    "response.completed",
                    "\"response\":{\"id\":\"resp_1\",\"status\":\"completed\",\"output\":["
                            + item
                            + "]}");
            return s.toString();
        }
    },
    ANTHROPIC("api.anthropic.com", "/v1/messages", "text/event-stream", "text") {
        @Override
        String answer(List<String> pieces) {
            StringBuilder s = new StringBuilder();
            event(
                    s,
                    "message_start",
                    "\"message\":{\"id\":\"msg_1\",\"role\":\"assistant\",\"model\":\"claude\",\"content\":[],\"stop_reason\":null}");
            event(
                    s,
                    "content_block_start",
                    "\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}");
            for (int i = 0; i < pieces.size(); i++) {
                if (i % 5 == 1) {
                    event(s, "ping", "\"x\":1");
                }
                event(
                        s,
                        "content_block_delta",
                        "\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":"
                                + quoted(pieces.get(i))
                                + "}");
            }
            event(s, "content_block_stop", "\"index\":0");
            event(
                    s,
                    "message_delta",
                    "\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":9}");
            event(s, "message_stop", "\"y\":1");
            return s.toString().replace("\n", "\r\n");
        }
    },
    CHATGPT_CUMULATIVE(
            "chatgpt.com", "/backend-anon/conversation", "text/event-stream", "parts\":[") {
        @Override
        String answer(List<String> pieces) {
            StringBuilder s = new StringBuilder();
            StringBuilder text = new StringBuilder();
            for (String piece : pieces) {
                text.append(piece);
                s.append(
                        "data: {\"message\":{\"id\":\"m9\",\"author\":{\"role\":\"assistant\"},\"content\":{\"content_type\":\"text\",\"parts\":[");
                s.append(quoted(text.toString()))
                        .append(
                                "]},\"status\":\"in_progress\"},\"conversation_id\":\"6710a1b2\",\"error\":null}\n\n");
            }
            return s + "data: [DONE]\n\n";
        }
    },
    OLLAMA("ollama.com", "/api/chat", "application/x-ndjson", "content") {
        @Override
        String answer(List<String> pieces) {
            StringBuilder s = new StringBuilder();
            for (String piece : pieces) {
                s.append("{\"model\":\"llama\",\"message\":{\"role\":\"assistant\",\"content\":");
                s.append(quoted(piece)).append("},\"done\":false}\n");
            }
            return s
                    + "{\"model\":\"llama\",\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done\":true}\n";
        }
    },
    OPENAI_CHAT_JSON("api.openai.com", "/v1/chat/completions", "application/json", "content") {
        @Override
        String answer(List<String> pieces) {
            return "{\"id\": \"c1\", \"model\":\"gpt-5\",\n \"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":"
                    + quoted(String.join("", pieces))
                    + "},\"finish_reason\":\"stop\"}]}";
        }
    },
    OPENAI_RESPONSES_JSON("api.openai.com", "/v1/responses", "application/json", "text") {
        @Override
        String answer(List<String> pieces) {
            return "{\"id\":\"r\",\"model\":\"gpt-5\",\"output\":[{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":"
                    + quoted(String.join("", pieces))
                    + "}]}]}";
        }
    },
    ANTHROPIC_JSON("api.anthropic.com", "/v1/messages", "application/json", "text") {
        @Override
        String answer(List<String> pieces) {
            return "{\"model\":\"claude\",\"content\":[{\"type\":\"text\",\"text\":"
                    + quoted(String.join("", pieces))
                    + "}],\"stop_reason\":\"end_turn\"}";
        }
    };

    final String contentType;
    private final String host;
    private final String path;
    private final Pattern text;

    StreamDialect(String host, String path, String contentType, String member) {
        this.host = host;
        this.path = path;
        this.contentType = contentType;
        String before = member.endsWith("[") ? "\"\\Q" + member + "\\E" : "\"(?:" + member + ")\":";
        this.text = Pattern.compile("(" + before + ")\"(?:[^\"\\\\]|\\\\.)*+\"");
    }

    /** The answer with a text in these pieces. */
    abstract String answer(List<String> pieces);

    RequestHead request() {
        return new RequestHead(
                "POST",
                "https",
                host,
                443,
                path,
                List.of(new HeaderField("content-type", "application/json")),
                "h2");
    }

    EndpointMatch match() {
        return Fixtures.CATALOGUE.match(request()).orElseThrow();
    }

    /** What is left of an event or body when its answer's texts are taken out. */
    String frame(String event) {
        return text.matcher(event).replaceAll("$1\"\"");
    }

    /** Events of a stream, or the one document. */
    List<String> events(String answer) {
        if (contentType.contains("ndjson")) {
            return List.of(answer.split("(?<=\n)"));
        }
        return contentType.contains("stream")
                ? List.of(answer.split("(?<=\n\n|\r\n\r\n)"))
                : List.of(answer);
    }

    private static String quoted(String text) {
        return '"' + CanonicalJson.escape(text) + '"';
    }

    private static void event(StringBuilder to, String type, String members) {
        to.append("event: ").append(type).append("\ndata: {\"type\":\"").append(type);
        to.append("\",").append(members).append("}\n\n");
    }
}
