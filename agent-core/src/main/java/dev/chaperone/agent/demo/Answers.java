// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.demo;

import java.util.List;

/** What the stand-in answers: short real-shaped answers of each kind of service. */
final class Answers {
    static final String[] CHATGPT = {
        "event: delta_encoding\ndata: \"v1\"\n\n",
        "event: delta\ndata: {\"p\":\"\",\"o\":\"add\",\"v\":{\"message\":{\"id\":\"m1\",\"author\":{\"role\":\"assistant\","
                + "\"name\":null,\"metadata\":{}},\"content\":{\"content_type\":\"text\",\"parts\":[\"\"]},\"recipient\":\"all\","
                + "\"metadata\":{\"model_slug\":\"gpt-5-1\"}},\"conversation_id\":\"6710a1b2-0000-8000-a000-00000000c0de\"},"
                + "\"c\":0}\n\n",
        "event: delta\ndata: {\"p\":\"/message/content/parts/0\",\"o\":\"append\",\"v\":\"Here is \"}\n\n",
        "event: delta\ndata: {\"v\":\"a short answer.\"}\n\n",
        "data: [DONE]\n\n"
    };

    static final String[] OPENAI = {
        "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"model\":\"gpt-5-1\",\"choices\":[{\"index\":0,"
                + "\"delta\":{\"role\":\"assistant\",\"content\":\"Rotate \"}}]}\n\n",
        "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"model\":\"gpt-5-1\",\"choices\":[{\"index\":0,"
                + "\"delta\":{\"content\":\"that key.\"}}]}\n\n",
        "data: [DONE]\n\n"
    };

    /** The same, with what stands for a redacted value split over two events. */
    static String[] openAi(String placeholder) {
        int middle = placeholder.length() / 2;
        return new String[] {
            delta("The letter names account "),
            delta(placeholder.substring(0, middle)),
            delta(placeholder.substring(middle) + "."),
            "data: [DONE]\n\n"
        };
    }

    private static String delta(String text) {
        return "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"model\":\"gpt-5-1\",\"choices\":[{\"index\":0,"
                + "\"delta\":{\"content\":\""
                + text
                + "\"}}]}\n\n";
    }

    static final String OPENAI_JSON =
            "{\"id\":\"c1\",\"object\":\"chat.completion\",\"model\":\"gpt-5-1\",\"choices\":[{"
                    + "\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Understood.\"},\"finish_reason\":\"stop\"}]}";

    static final String RESPONSES_JSON =
            "{\"id\":\"r1\",\"object\":\"response\",\"model\":\"gpt-5-1\",\"output\":[{\"type\":"
                    + "\"message\",\"role\":\"assistant\",\"content\":[{\"type\":\"output_text\",\"text\":\"Understood.\"}]}]}";

    static final String[] ANTHROPIC = {
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m1\",\"type\":\"message\",\"role\":"
                + "\"assistant\",\"model\":\"claude-sonnet-4-5\",\"content\":[]}}\n\n",
        "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\","
                + "\"text\":\"\"}}\n\n",
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\","
                + "\"text\":\"The build is green.\"}}\n\n",
        "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n",
        "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"
    };

    static final String ANTHROPIC_JSON =
            "{\"id\":\"m1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":"
                    + "\"claude-sonnet-4-5\",\"content\":[{\"type\":\"text\",\"text\":\"Understood.\"}],\"stop_reason\":\"end_turn\"}";

    private static final char RECORD_SEPARATOR = '\u001e';

    private Answers() {}

    /** M365 Copilot: SignalR's handshake, then the answer to an invocation. */
    static List<String> signalR(String message) {
        if (message.contains("\"protocol\"")) {
            return List.of("{}" + RECORD_SEPARATOR);
        }
        if (!message.contains("\"target\":\"chat\"")) {
            return List.of();
        }
        return List.of(
                "{\"type\":1,\"target\":\"update\",\"arguments\":[{\"writeAtCursor\":\"Two files.\"}]}"
                        + RECORD_SEPARATOR,
                "{\"type\":3,\"invocationId\":\"0\"}" + RECORD_SEPARATOR);
    }

    /** Consumer Copilot. */
    static List<String> copilot(String message) {
        return message.contains("\"event\":\"send\"")
                ? List.of(
                        "{\"event\":\"startMessage\",\"messageId\":\"a1\"}",
                        "{\"event\":\"appendText\",\"messageId\":\"a1\",\"text\":\"Try the lake.\"}",
                        "{\"event\":\"done\",\"messageId\":\"a1\"}")
                : List.of();
    }
}
