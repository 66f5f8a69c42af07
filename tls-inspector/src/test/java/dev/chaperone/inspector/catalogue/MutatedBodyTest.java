// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.inspector.Replacement;
import dev.chaperone.inspector.capture.CapturedExchange;
import dev.chaperone.inspector.capture.Fixtures;
import dev.chaperone.model.finding.Span;
import dev.chaperone.model.prompt.Segment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hostile bodies: whatever bytes come, they are read or named unreadable; nothing is thrown. */
class MutatedBodyTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aMutatedBodyIsReadOrUnreadable(long seed) {
        Random random = new Random(seed);
        int unreadable = 0;
        int readable = 0;
        for (Path file : Fixtures.files()) {
            CapturedExchange exchange = Fixtures.read(file);
            byte[] body = exchange.body();
            EndpointMatch match =
                    Fixtures.CATALOGUE
                            .match(exchange.head(), body == null ? new byte[0] : body)
                            .orElseThrow();
            List<byte[]> bodies = new ArrayList<>();
            if (body != null && body.length > 0) {
                bodies.add(body);
            }
            exchange.messages().forEach(m -> bodies.add(m.payload()));
            for (byte[] original : bodies) {
                for (int n = 0; n < 40; n++) {
                    byte[] mutated = mutate(original, random);
                    Reading reading =
                            exchange.messages().isEmpty()
                                    ? PromptReader.read(match, exchange.head(), mutated)
                                    : PromptReader.readMessage(
                                            match, exchange.head(), mutated, true);
                    AnswerReader answers = AnswerReader.forMessages(match, exchange.head());
                    answers.message(mutated, true);
                    answers.feed(mutated, 0, mutated.length);
                    assertThat(answers.finish()).isNotNull();
                    switch (reading) {
                        case Reading.Readable(var prompt, var map, var _) -> {
                            readable++;
                            prompt.segments().forEach(s -> rewriteWhole(s, map));
                        }
                        case Reading.NotAPrompt _ -> readable++;
                        case Reading.Unreadable _ -> unreadable++;
                    }
                }
            }
        }
        assertThat(readable).isPositive();
        assertThat(unreadable).isPositive();
    }

    private static void rewriteWhole(Segment segment, TextMap map) {
        Span all = new Span(0, segment.text().length());
        try {
            assertThat(map.rewrite(List.of(new Replacement(segment.index(), all, "x"))))
                    .isNotNull();
        } catch (RewriteException _) {
            // A text of the query.
        }
    }

    private static byte[] mutate(byte[] original, Random random) {
        byte[] mutated = original.clone();
        for (int k = random.nextInt(4); k >= 0; k--) {
            int at = random.nextInt(mutated.length);
            switch (random.nextInt(3)) {
                case 0 -> mutated[at] = (byte) random.nextInt(256);
                case 1 -> mutated[at] = (byte) "\"\\{}[],:\n%&=".charAt(random.nextInt(12));
                default -> {
                    int length = Math.min(random.nextInt(16), mutated.length - at);
                    int from = random.nextInt(mutated.length - length + 1);
                    System.arraycopy(original, from, mutated, at, length);
                }
            }
        }
        return mutated;
    }
}
