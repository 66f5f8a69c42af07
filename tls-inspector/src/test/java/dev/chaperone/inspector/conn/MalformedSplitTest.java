// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import static dev.chaperone.inspector.conn.FixtureBytes.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.inspector.Refusal;
import dev.chaperone.inspector.Verdict;
import dev.chaperone.inspector.capture.Fixtures;
import dev.chaperone.inspector.conn.BadMessages.Bad;
import dev.chaperone.inspector.conn.BadMessages.Place;
import dev.chaperone.model.prompt.NotInspected;
import io.netty.buffer.ByteBufUtil;
import io.netty.util.ResourceLeakDetector;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every malformed message through the proxy's own pipelines, cut in two at every byte: a
 * well-formed refusal or a close, a code, nothing at the service, no exception, no buffer left.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MalformedSplitTest {
    private static final int MAX_BODY = 1 << 20;
    private static final byte[] CONNECT =
            utf8("CONNECT " + BadMessages.HOST + ":443 HTTP/1.1\r\n\r\n");
    private static final byte[] UPGRADE =
            utf8(
                    "GET /v1/responses HTTP/1.1\r\nHost: "
                            + BadMessages.HOST
                            + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");

    private final Queue<String> leaks = new ConcurrentLinkedQueue<>();
    private final ResourceLeakDetector.Level before = ResourceLeakDetector.getLevel();

    @SuppressWarnings("NullAway.Init") // set before the tests
    private EmbeddedProxy.World world;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        world = new EmbeddedProxy.World(Fixtures.CATALOGUE, folder);
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
        ByteBufUtil.setLeakListener((type, records) -> leaks.add(type + ": " + records));
    }

    @AfterAll
    void nothingLeaked() {
        ResourceLeakDetector.setLevel(before);
        ByteBufUtil.setLeakListener(null);
        assertThat(leaks).isEmpty();
    }

    static List<Bad> messages() throws Exception {
        return BadMessages.all();
    }

    @Test
    void thereAreEnoughOfThem() throws Exception {
        assertThat(messages()).hasSizeGreaterThanOrEqualTo(75);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("messages")
    void malformedMessageIsRefusedWhereverItIsCut(Bad bad) {
        byte[] bytes = bad.bytes();
        assertRefused(bad, bytes.length);
        Cuts.of(bytes.length).forEach(at -> assertRefused(bad, at));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("messages")
    void malformedMessageIsRefusedByteByByte(Bad bad) {
        EmbeddedProxy proxy = at(bad.place());
        for (int i = 0; i < bad.bytes().length && proxy.clientIsOpen(); i++) {
            proxy.send(bad.bytes(), i, i + 1);
        }
        assertEnded(proxy, bad, "byte by byte");
    }

    private void assertRefused(Bad bad, int cut) {
        EmbeddedProxy proxy = at(bad.place());
        proxy.send(bad.bytes(), 0, cut);
        proxy.send(bad.bytes(), cut, bad.bytes().length);
        assertEnded(proxy, bad, "cut at " + cut);
    }

    /** A connection on which the message is due. */
    private EmbeddedProxy at(Place place) {
        EmbeddedProxy proxy = EmbeddedProxy.accepted(world, MAX_BODY);
        proxy.gate =
                (_, prompt) ->
                        prompt.notInspected().isEmpty()
                                ? new Verdict.Forward()
                                : new Verdict.Refuse(
                                        new Refusal("r-1", "not readable", "CHP-POL-001"));
        if (place != Place.PORT) {
            proxy.send(CONNECT);
            proxy.received();
        }
        if (place == Place.SOCKET) {
            proxy.send(UPGRADE);
            proxy.answer(FixtureBytes.SWITCHING);
            proxy.received();
            proxy.forwarded();
        }
        return proxy;
    }

    private static void assertEnded(EmbeddedProxy proxy, Bad bad, String how) {
        assertThat(proxy.clientIsOpen()).as("%s: still open", how).isFalse();
        assertThat(proxy.forwarded()).as("%s: at the service", how).isEmpty();
        assertWellFormed(bad.place(), proxy.received(), how);
        assertThat(codes(proxy)).as(how).anyMatch(code -> code.startsWith(bad.code()));
        proxy.finish();
    }

    private static List<String> codes(EmbeddedProxy proxy) {
        Stream<String> unread =
                proxy.asked.stream()
                        .flatMap(a -> a.prompt().notInspected().stream())
                        .map(NotInspected::code);
        return Stream.concat(proxy.failures.stream(), unread).toList();
    }

    private static void assertWellFormed(Place place, byte[] answer, String how) {
        if (answer.length == 0 && place == Place.HTTP) {
            return; // a clean close: it was about to be read when it broke off
        }
        switch (place) {
            case PORT, HTTP -> {
                HttpText reply = HttpText.of(answer);
                assertThat(reply.head()).as(how).matches("(?s)HTTP/1\\.1 4\\d\\d [^\r\n]+\r\n.*");
                assertThat(reply.body()).as(how).isNotEmpty();
                assertThat(reply.rest()).as(how).isEmpty();
            }
            // RFC 8446 §6: level fatal, and a description.
            case HELLO -> assertThat(answer).as(how).startsWith(21, 3, 3, 0, 2, 2).hasSize(7);
            // RFC 6455 §5.5.1, §7.4.1: a close frame with status 1002, or 1009 for too long.
            case SOCKET -> {
                assertThat(answer).as(how).hasSizeGreaterThan(3);
                assertThat(answer[0]).as(how).isEqualTo((byte) 0x88);
                assertThat((answer[2] & 0xFF) << 8 | answer[3] & 0xFF).as(how).isIn(1002, 1009);
            }
        }
    }
}
