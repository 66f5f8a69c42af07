// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.inspector.Restoration;
import dev.chaperone.inspector.body.CanonicalJson;
import dev.chaperone.model.prompt.Answer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The arguments of tool calls: JSON inside JSON, and restored only where that is allowed. */
class RestoredToolCallsTest {
    private static final String VALUE = "a\"b\\c\nd\te\u00e4";
    private static final String ARGS =
            "{\"cmd\":[\"set\",\"[SECRET-1]\"],\"note\":\"\\n [secret 1] [SECRET-2]\"}";
    private static final String RESTORED =
            "{\"cmd\":[\"set\",\"%1$s\"],\"note\":\"\\n %1$s [SECRET-2]\"}"
                    .formatted(CanonicalJson.escape(VALUE));

    enum Shape {
        CHAT(StreamDialect.OPENAI_CHAT) {
            @Override
            String answer(Random random) {
                String head =
                        "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,";
                StringBuilder s = new StringBuilder(head);
                s.append(
                        "\"id\":\"c\",\"function\":{\"name\":\"run\",\"arguments\":\"\"}}]}}]}\n\n");
                for (int at = 0; at < ARGS.length(); ) {
                    int to = Math.min(ARGS.length(), at + 1 + random.nextInt(6));
                    s.append(head).append("\"function\":{\"arguments\":");
                    s.append(quoted(ARGS.substring(at, to))).append("}}]}}]}\n\n");
                    at = to;
                }
                return s
                        + "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\ndata: [DONE]\n\n";
            }
        },
        RESPONSES(StreamDialect.OPENAI_RESPONSES) {
            @Override
            String answer(Random random) {
                StringBuilder s = new StringBuilder();
                for (int at = 0; at < ARGS.length(); ) {
                    int to = Math.min(ARGS.length(), at + 1 + random.nextInt(6));
                    s.append(
                            "data: {\"type\":\"response.function_call_arguments.delta\",\"item_id\":\"f\",\"delta\":");
                    s.append(quoted(ARGS.substring(at, to))).append("}\n\n");
                    at = to;
                }
                String item =
                        "{\"type\":\"function_call\",\"id\":\"f\",\"name\":\"run\",\"arguments\":"
                                + quoted(ARGS)
                                + "}";
                s.append(
                        "data: {\"type\":\"response.function_call_arguments.done\",\"item_id\":\"f\",\"arguments\":");
                s.append(quoted(ARGS)).append("}\n\n");
                s.append("data: {\"type\":\"response.output_item.done\",\"item\":").append(item);
                return s
                        + "}\n\ndata: {\"type\":\"response.completed\",\"response\":{\"output\":["
                        + item
                        + "]}}\n\n";
            }
        },
        ANTHROPIC(StreamDialect.ANTHROPIC) {
            @Override
            String answer(Random random) {
                StringBuilder s =
                        new StringBuilder(
                                "data: {\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"run\",\"input\":{}}}\n\n");
                for (int at = 0; at < ARGS.length(); ) {
                    int to = Math.min(ARGS.length(), at + 1 + random.nextInt(6));
                    s.append(
                            "data: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":");
                    s.append(quoted(ARGS.substring(at, to))).append("}}\n\n");
                    at = to;
                }
                return s + "data: {\"type\":\"content_block_stop\",\"index\":1}\n\n";
            }
        },
        CHAT_JSON(StreamDialect.OPENAI_CHAT_JSON) {
            @Override
            String answer(Random random) {
                return "{\"choices\":[{\"message\":{\"tool_calls\":[{\"id\":\"c\",\"function\":{\"name\":\"run\",\"arguments\":"
                        + quoted(ARGS)
                        + "}}]}}]}";
            }
        },
        ANTHROPIC_JSON(StreamDialect.ANTHROPIC_JSON) {
            @Override
            String answer(Random random) {
                return "{\"content\":[{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"run\",\"input\":"
                        + ARGS
                        + "}]}";
            }
        };

        private final StreamDialect dialect;

        Shape(StreamDialect dialect) {
            this.dialect = dialect;
        }

        abstract String answer(Random random);

        static String quoted(String text) {
            return '"' + CanonicalJson.escape(text) + '"';
        }
    }

    private static String restored(Shape shape, String answer, boolean toolCalls, Random random) {
        AnswerRestorer restorer =
                AnswerRestorer.forResponse(
                                shape.dialect.match(),
                                shape.dialect.request(),
                                200,
                                shape.dialect.contentType,
                                new Restoration(Map.of("[SECRET-1]", VALUE), toolCalls))
                        .orElseThrow();
        byte[] body = answer.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int at = 0; at < body.length; ) {
            int length = Math.min(body.length - at, 1 + random.nextInt(50));
            out.writeBytes(restorer.feed(body, at, length));
            at += length;
        }
        out.writeBytes(restorer.end());
        return out.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @EnumSource(Shape.class)
    void argumentsComeBackAsTheJsonTheyAre(Shape shape) {
        for (int seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            String got = restored(shape, shape.answer(random), true, random);
            AnswerReader reader =
                    AnswerReader.forResponse(
                            shape.dialect.match(),
                            shape.dialect.request(),
                            200,
                            shape.dialect.contentType);
            byte[] body = got.getBytes(StandardCharsets.UTF_8);
            reader.feed(body, 0, body.length);
            Answer answer = reader.finish();
            assertThat(answer.toolCalls()).hasSize(1);
            assertThat(answer.toolCalls().getFirst().arguments())
                    .as("seed %d", seed)
                    .isEqualTo(CanonicalJson.ofText(RESTORED));
            assertThat(got.toLowerCase(java.util.Locale.ROOT))
                    .as("no copy is left out, seed %d", seed)
                    .doesNotContain("[secret-1]", "[secret 1]");
        }
    }

    @ParameterizedTest
    @EnumSource(Shape.class)
    void withoutLeaveEveryByteOfThemStays(Shape shape) {
        Random random = new Random(3);
        String answer = shape.answer(random);
        assertThat(restored(shape, answer, false, random)).isEqualTo(answer);
    }

    @Test
    void everyChoiceIsRestoredByItself() {
        StringBuilder s = new StringBuilder();
        for (String piece : "say [SECRET-1]!".split("")) {
            for (int choice = 0; choice < 3; choice++) {
                s.append("data: {\"choices\":[{\"index\":").append(choice);
                s.append(",\"delta\":{\"content\":\"").append(piece).append("\"}}]}\n\n");
            }
        }
        String got = restored(Shape.CHAT, s + "data: [DONE]\n\n", false, new Random(1));
        for (int choice = 0; choice < 3; choice++) {
            StringBuilder text = new StringBuilder();
            for (String event : got.split("\n\n")) {
                int at = event.indexOf("\"index\":" + choice);
                if (at >= 0) {
                    int from = event.indexOf("\"content\":\"", at) + 11;
                    text.append(event, from, event.lastIndexOf("\"}}]}"));
                }
            }
            assertThat(text.toString()).isEqualTo("say " + CanonicalJson.escape(VALUE) + "!");
        }
    }
}
