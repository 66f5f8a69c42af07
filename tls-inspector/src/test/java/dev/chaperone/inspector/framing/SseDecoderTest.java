// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.framing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SseDecoderTest {
    private static final String STREAM =
            "\uFEFF: comment\r\ndata: one\r\rdata\ndata:two\ndata:  three é😀\nid: 7\n\n"
                    + "event: x\ndata: {}\r\n\r\nevent: lost\n\ndata: open";

    private static List<String> read(int cut) {
        List<String> events = new ArrayList<>();
        SseDecoder decoder = new SseDecoder(1000, (name, data) -> events.add(name + "=" + data));
        byte[] bytes = STREAM.getBytes(StandardCharsets.UTF_8);
        decoder.feed(bytes, 0, cut);
        decoder.feed(bytes, cut, bytes.length - cut);
        decoder.end();
        return events;
    }

    @Test
    void fieldsAndLineEndsAreReadAsTheStandardSaysCutAnywhere() {
        int length = STREAM.getBytes(StandardCharsets.UTF_8).length;
        for (int cut = 0; cut <= length; cut++) {
            assertThat(read(cut))
                    .as("cut at %d", cut)
                    .containsExactly("=one", "=\ntwo\n three é😀", "x={}", "=open");
        }
    }

    @Test
    void anEventOverTheLimitIsDroppedAndTold() {
        List<String> events = new ArrayList<>();
        SseDecoder decoder = new SseDecoder(10, (name, data) -> events.add(data));
        byte[] bytes = "data: 0123456789abc\n\ndata: ok\n\n".getBytes(StandardCharsets.UTF_8);
        decoder.feed(bytes, 0, bytes.length);
        assertThat(events).containsExactly("ok");
        assertThat(decoder.isOverflown()).isTrue();
    }
}
