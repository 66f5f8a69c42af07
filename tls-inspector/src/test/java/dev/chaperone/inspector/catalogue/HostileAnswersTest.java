// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.inspector.Restoration;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Answers made to hurt: what cannot be read passes, byte for byte, in bounded memory. */
class HostileAnswersTest {
    private static final String VALUE = "k".repeat(2_000);

    private static AnswerRestorer restorer(StreamDialect dialect) {
        return AnswerRestorer.forResponse(
                        dialect.match(),
                        dialect.request(),
                        200,
                        dialect.contentType,
                        new Restoration(Map.of("[SECRET-1]", VALUE), true))
                .orElseThrow();
    }

    private static byte[] through(AnswerRestorer restorer, byte[] body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int at = 0; at < body.length; at += 16_384) {
            out.writeBytes(restorer.feed(body, at, Math.min(16_384, body.length - at)));
        }
        out.writeBytes(restorer.end());
        return out.toByteArray();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @EnumSource(StreamDialect.class)
    void aFloodOfPlaceholdersPasses(StreamDialect dialect) {
        boolean stream = dialect.contentType.contains("stream");
        // Cumulative answers grow with the square of their pieces.
        int pieces = dialect == StreamDialect.CHATGPT_CUMULATIVE ? 20 : stream ? 1_000 : 1;
        String piece = "[SECRET-1]".repeat(100_000 / (stream ? 1_000 : 1));
        AnswerRestorer restorer = restorer(dialect);
        byte[] sent = utf8(dialect.answer(java.util.Collections.nCopies(pieces, piece)));
        byte[] got = through(restorer, sent);
        assertThat(got.length).isLessThan(sent.length + (18 << 20));
        assertThat(restorer.restored()).isPositive();
        assertThat(new String(got, StandardCharsets.UTF_8).replace(VALUE, "[SECRET-1]"))
                .isEqualTo(new String(sent, StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @EnumSource(
            value = StreamDialect.class,
            names = {"CHATGPT_WEB", "OPENAI_CHAT", "OPENAI_RESPONSES", "ANTHROPIC", "OLLAMA"})
    void anEndlessLinePassesAndTheNextEventIsRestored(StreamDialect dialect) {
        AnswerRestorer restorer = restorer(dialect);
        String before = dialect.answer(List.of("a"));
        String end = dialect == StreamDialect.OLLAMA ? "\n" : "\n\n";
        byte[] sent =
                utf8(
                        before.substring(0, before.length() / 3)
                                + "\n\ndata: "
                                + "[SECRET-1]".repeat(400_000)
                                + end
                                + dialect.answer(List.of("x [SECRET-1]")));
        byte[] got = through(restorer, sent);
        assertThat(restorer.isIncomplete()).isTrue();
        if (dialect != StreamDialect.CHATGPT_WEB) {
            assertThat(restorer.restored()).isPositive();
        }
        assertThat(new String(got, StandardCharsets.UTF_8).replace(VALUE, "[SECRET-1]"))
                .isEqualTo(new String(sent, StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @EnumSource(StreamDialect.class)
    void brokenBytesPassAsTheyCame(StreamDialect dialect) {
        byte[] whole = utf8(dialect.answer(List.of("plain ", "words", " of an answer [x]")));
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            byte[] sent = java.util.Arrays.copyOf(whole, random.nextInt(whole.length + 1));
            for (int i = 0; i < seed % 4 && sent.length > 0; i++) {
                sent[random.nextInt(sent.length)] = (byte) random.nextInt(256);
            }
            assertThat(through(restorer(dialect), sent)).as("seed %d", seed).isEqualTo(sent);
        }
    }

    @Test
    void aDocumentAboveTheLimitPassesAsItCame() {
        AnswerRestorer restorer = restorer(StreamDialect.ANTHROPIC_JSON);
        byte[] sent =
                utf8(StreamDialect.ANTHROPIC_JSON.answer(List.of("[SECRET-1] ".repeat(500_000))));
        assertThat(through(restorer, sent)).isEqualTo(sent);
        assertThat(restorer.isIncomplete()).isTrue();
    }
}
