// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.inspector.Restoration;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every dialect, cut at random places: the text restored, and nothing else changed. */
class RestoredStreamsTest {
    private static final int RUNS = 1_000;

    private static final Map<String, String> VALUES =
            Map.of(
                    "[CREDIT_CARD-1]", "4000 0012 3456 7899",
                    "[PERSON-1]", "Zoë \"Z\" O'Hara\\n",
                    "[SECRET-1]", "-----BEGIN\nline\n\tEND-----");

    /** Forms that come back, and look-alikes that must not. */
    private static final List<String> PARTS =
            List.of(
                    "[CREDIT_CARD-1]",
                    "`[credit_card-1]`",
                    "\\[CREDIT\\_CARD-1\\]",
                    "[PERSON-1]'s",
                    "**[Secret 1]**",
                    "[CREDIT_CARD-2]",
                    "[PERSON-11]",
                    "[CREDIT_CARD",
                    "[a link](https://x.example/[1]) ",
                    "caf\u00e9 \ud83d\ude00 \"quoted\" \\ back\n\n",
                    "if (a[i] == '[') { return \"\\\\[\"; } ",
                    "plain words of an answer ");

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 5; i++) {
            text.append(PARTS.get(random.nextInt(PARTS.size()))).append(i % 3 == 0 ? " " : "");
        }
        return text.toString();
    }

    /** What the text must read, found with another means than the product's. */
    private static String expected(String text) {
        return text.replace("\\[CREDIT\\_CARD-1\\]", VALUES.get("[CREDIT_CARD-1]"))
                .replace("[CREDIT_CARD-1]", VALUES.get("[CREDIT_CARD-1]"))
                .replace("[credit_card-1]", VALUES.get("[CREDIT_CARD-1]"))
                .replace("[PERSON-1]", VALUES.get("[PERSON-1]"))
                .replace("[Secret 1]", VALUES.get("[SECRET-1]"));
    }

    private static List<String> cut(String text, Random random, int longest) {
        List<String> pieces = new ArrayList<>();
        for (int at = 0; at < text.length(); ) {
            int to = Math.min(text.length(), at + 1 + random.nextInt(longest));
            // A service never cuts a surrogate pair: its events are UTF-8.
            if (to < text.length() && Character.isLowSurrogate(text.charAt(to))) {
                to++;
            }
            pieces.add(text.substring(at, to));
            at = to;
        }
        return pieces;
    }

    private static AnswerRestorer restorer(StreamDialect dialect) {
        return AnswerRestorer.forResponse(
                        dialect.match(),
                        dialect.request(),
                        200,
                        dialect.contentType,
                        new Restoration(VALUES, false))
                .orElseThrow();
    }

    private static byte[] restored(AnswerRestorer restorer, byte[] body, Random random, int most) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int at = 0; at < body.length; ) {
            int length = Math.min(body.length - at, 1 + random.nextInt(most));
            out.writeBytes(restorer.feed(body, at, length));
            at += length;
        }
        out.writeBytes(restorer.end());
        return out.toByteArray();
    }

    static String read(StreamDialect dialect, byte[] body) {
        AnswerReader reader =
                AnswerReader.forResponse(
                        dialect.match(), dialect.request(), 200, dialect.contentType);
        reader.feed(body, 0, body.length);
        String text = reader.finish().text();
        return text == null ? "" : text;
    }

    @ParameterizedTest
    @EnumSource(StreamDialect.class)
    void splitAnywhere(StreamDialect dialect) {
        // Cumulative answers grow with the square of their pieces.
        int runs = dialect == StreamDialect.CHATGPT_CUMULATIVE ? RUNS / 10 : RUNS;
        for (int seed = 0; seed < runs; seed++) {
            Random random = new Random(seed);
            String text = text(random);
            // One character an event, one byte a read, and everything between.
            int longest = seed % 5 == 0 ? 1 : 1 + random.nextInt(30);
            int most = seed % 7 == 0 ? 1 : 1 + random.nextInt(400);
            String answer = dialect.answer(cut(text, random, longest));
            byte[] sent = answer.getBytes(StandardCharsets.UTF_8);
            byte[] got = restored(restorer(dialect), sent, random, most);
            String as = dialect + " seed " + seed;
            assertThat(read(dialect, sent)).as(as).isEqualTo(text);
            assertThat(read(dialect, got)).as(as).isEqualTo(expected(text));
            assertSameFrames(dialect, answer, new String(got, StandardCharsets.UTF_8), as);
        }
    }

    /** Event for event the same, but for the texts and at most one event that was put in. */
    private static void assertSameFrames(
            StreamDialect dialect, String sent, String got, String as) {
        List<String> before = dialect.events(sent);
        List<String> after = new ArrayList<>(dialect.events(got));
        int more = after.size() - before.size();
        assertThat(more).as(as + ": events put in").isBetween(0, 1);
        List<String> frames = before.stream().map(dialect::frame).toList();
        List<String> now = new ArrayList<>(after.stream().map(dialect::frame).toList());
        if (more == 1) {
            int at = 0;
            while (at < frames.size() && frames.get(at).equals(now.get(at))) {
                at++;
            }
            now.remove(at);
        }
        assertThat(now).as(as).isEqualTo(frames);
    }

    @ParameterizedTest
    @EnumSource(StreamDialect.class)
    void withoutAPlaceholderEveryByteStays(StreamDialect dialect) {
        List<String> pieces =
                List.of("a[i] = [x]; [CREDIT_CARD-2] ", "\u00fcber [link](y) \\[x", "[1] end");
        byte[] sent = dialect.answer(pieces).getBytes(StandardCharsets.UTF_8);
        assertThat(restored(restorer(dialect), sent, new Random(7), 100)).isEqualTo(sent);
    }

    @ParameterizedTest
    @EnumSource(StreamDialect.class)
    void sixStreamsAtOnceDoNotMix(StreamDialect dialect) {
        Random random = new Random(11);
        List<String> texts = IntStream.range(0, 6).mapToObj(_ -> text(random)).toList();
        List<byte[]> bodies =
                texts.stream()
                        .map(t ->
                                dialect.answer(cut(t, random, 3)).getBytes(StandardCharsets.UTF_8))
                        .toList();
        List<AnswerRestorer> restorers =
                IntStream.range(0, 6).mapToObj(_ -> restorer(dialect)).toList();
        List<ByteArrayOutputStream> outs =
                IntStream.range(0, 6).mapToObj(_ -> new ByteArrayOutputStream()).toList();
        int longest = bodies.stream().mapToInt(b -> b.length).max().orElse(0);
        for (int at = 0; at < longest; at += 13) {
            for (int i = 0; i < 6; i++) {
                int length = Math.min(13, bodies.get(i).length - at);
                if (length > 0) {
                    outs.get(i).writeBytes(restorers.get(i).feed(bodies.get(i), at, length));
                }
            }
        }
        for (int i = 0; i < 6; i++) {
            outs.get(i).writeBytes(restorers.get(i).end());
            assertThat(read(dialect, outs.get(i).toByteArray())).isEqualTo(expected(texts.get(i)));
        }
    }
}
