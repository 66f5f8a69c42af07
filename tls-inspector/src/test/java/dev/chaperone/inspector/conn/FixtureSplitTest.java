// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import static dev.chaperone.inspector.conn.FixtureBytes.utf8;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.inspector.body.JsonArray;
import dev.chaperone.inspector.body.JsonValue;
import dev.chaperone.inspector.body.Text;
import dev.chaperone.inspector.capture.Fixtures;
import dev.chaperone.inspector.conn.EmbeddedProxy.Asked;
import dev.chaperone.model.prompt.Answer;
import dev.chaperone.model.prompt.Segment;
import io.netty.buffer.ByteBufUtil;
import io.netty.util.ResourceLeakDetector;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every built fixture through the proxy's own pipelines, cut in two at every byte: the same prompt
 * is read, what is allowed is forwarded byte for byte and not before the verdict, the same answer
 * comes back, and nothing is left over.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FixtureSplitTest {
    private static final int MAX_BODY = 1 << 20;
    private static final byte[] EMPTY_ANSWER = utf8("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");

    private final Queue<String> leaks = new ConcurrentLinkedQueue<>();
    private final ResourceLeakDetector.Level before = ResourceLeakDetector.getLevel();

    @SuppressWarnings("NullAway.Init") // set before the tests
    private EmbeddedProxy.World world;

    /** What one exchange was seen to do. */
    private record Seen(
            List<Asked> asked,
            List<String> failures,
            HttpText forwarded,
            HttpText received,
            List<Answer> answers) {}

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

    static Stream<Named> http() {
        return named().filter(n -> !n.fixture.isWebSocket());
    }

    static Stream<Named> sockets() {
        return named().filter(n -> n.fixture.isWebSocket());
    }

    private static Stream<Named> named() {
        return Fixtures.built().stream().map(file -> new Named(new FixtureBytes(file)));
    }

    /** A fixture by its id. */
    record Named(FixtureBytes fixture) {
        @Override
        public String toString() {
            return fixture.id;
        }
    }

    // ---- requests

    @ParameterizedTest(name = "{0}")
    @MethodSource("http")
    void requestWithALengthMeansTheSameWhereverItIsCut(Named named) {
        Seen whole = requests(named.fixture, named.fixture.requestWithLength(), "");
        assertThat(whole.failures).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("http")
    void requestInChunksMeansTheSameWhereverItIsCut(Named named) {
        requests(named.fixture, named.fixture.requestInChunks(), "T: 1\r\n");
    }

    /** Uncut, cut at every offset and byte by byte: the same; returns what was seen. */
    private Seen requests(FixtureBytes fixture, byte[] request, String trailers) {
        Seen whole = exchange(fixture, request, 0, EMPTY_ANSWER, 0);
        assertAsExpected(fixture, whole.asked);
        assertThat(whole.forwarded)
                .isEqualTo(
                        new HttpText(head(request), latin1(fixture.requestBody()), trailers, ""));
        Cuts.of(request.length)
                .forEach(at ->
                        assertThat(exchange(fixture, request, at, EMPTY_ANSWER, 0))
                                .as("cut at %d", at)
                                .isEqualTo(whole));
        assertThat(byteByByte(fixture, request, EMPTY_ANSWER)).isEqualTo(whole);
        return whole;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("http")
    void bytesThatComeBeforeTheServiceIsConnectedAreKept(Named named) {
        FixtureBytes fixture = named.fixture;
        byte[] request = fixture.requestWithLength();
        Seen whole = exchange(fixture, request, 0, EMPTY_ANSWER, 0);
        EmbeddedProxy proxy = opened(fixture);
        proxy.upstreamIsSlow = true;
        for (int i = 0; i < request.length; i++) {
            proxy.send(request, i, i + 1);
        }
        assertThat(proxy.asked).isEmpty();
        proxy.connectUpstream();
        assertThat(seen(proxy, EMPTY_ANSWER, 0)).isEqualTo(whole);
    }

    // ---- answers

    @ParameterizedTest(name = "{0}")
    @MethodSource("http")
    void answerMeansTheSameWhereverItIsCut(Named named) {
        FixtureBytes fixture = named.fixture;
        answers(fixture, fixture.answerWithLength());
        answers(fixture, fixture.answerInChunks());
    }

    private void answers(FixtureBytes fixture, byte @Nullable [] answer) {
        if (answer == null) {
            return;
        }
        byte[] request = fixture.requestWithLength();
        Seen whole = exchange(fixture, request, 0, answer, 0);
        assertThat(whole.received).isEqualTo(HttpText.of(answer));
        String text = FixtureBytes.text(fixture.expect(), "response_text");
        assertThat(whole.answers).hasSize(1);
        assertThat(String.valueOf(whole.answers.getFirst().text()))
                .isEqualTo(text.isEmpty() ? "null" : text);
        Cuts.of(answer.length)
                .forEach(at ->
                        assertThat(exchange(fixture, request, 0, answer, at))
                                .as("cut at %d", at)
                                .isEqualTo(whole));
    }

    // ---- WebSocket

    @ParameterizedTest(name = "{0}")
    @MethodSource("sockets")
    void handshakeMeansTheSameWhereverItIsCut(Named named) {
        FixtureBytes fixture = named.fixture;
        byte[] request = utf8(fixture.requestHead(""));
        Cuts.of(request.length)
                .forEach(at -> {
                    EmbeddedProxy proxy = opened(fixture);
                    proxy.send(request, 0, at);
                    proxy.send(request, at, request.length);
                    assertThat(latin1(proxy.forwarded()))
                            .as("cut at %d", at)
                            .isEqualTo(latin1(request));
                    proxy.answer(FixtureBytes.SWITCHING);
                    assertThat(latin1(proxy.received()))
                            .as("cut at %d", at)
                            .isEqualTo(latin1(FixtureBytes.SWITCHING));
                    proxy.finish();
                });
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("sockets")
    void messagesMeanTheSameWhereverTheyAreCut(Named named) {
        FixtureBytes fixture = named.fixture;
        byte[] client = frames(fixture, true);
        byte[] service = frames(fixture, false);
        SeenMessages whole = messages(fixture, client, 0, service, 0);
        assertAsExpected(fixture, whole.asked);
        assertThat(whole.forwarded).isEqualTo(unmasked(fixture));
        assertThat(whole.received).isEqualTo(latin1(service));
        Cuts.of(client.length)
                .forEach(at ->
                        assertThat(messages(fixture, client, at, service, 0))
                                .as("cut at %d", at)
                                .isEqualTo(whole));
        Cuts.of(service.length)
                .forEach(at ->
                        assertThat(messages(fixture, client, 0, service, at))
                                .as("answer cut at %d", at)
                                .isEqualTo(whole));
    }

    /** A message in many frames, with a ping between any two, is the same message. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("sockets")
    void messagesInManyFramesMeanTheSameWhereverTheyAreCut(Named named) {
        FixtureBytes fixture = named.fixture;
        byte[] service = frames(fixture, false);
        SeenMessages whole = messages(fixture, frames(fixture, true), 0, service, 0);
        byte[] client =
                fixture.messages().stream()
                        .filter(FixtureBytes.Message::fromClient)
                        .map(FixtureBytes::fragments)
                        .reduce(new byte[0], FixtureBytes::join);
        assertThat(withoutPings(messages(fixture, client, 0, service, 0))).isEqualTo(whole);
        Cuts.of(client.length)
                .forEach(at ->
                        assertThat(withoutPings(messages(fixture, client, at, service, 0)))
                                .as("cut at %d", at)
                                .isEqualTo(whole));
    }

    /** Pings overtake a message that is not whole: where they arrive depends on the cut. */
    private static SeenMessages withoutPings(SeenMessages seen) {
        return new SeenMessages(
                seen.asked,
                seen.failures,
                seen.forwarded.replace(unmask(FixtureBytes.PING), ""),
                seen.received,
                seen.answers);
    }

    private record SeenMessages(
            List<Asked> asked,
            List<String> failures,
            String forwarded,
            String received,
            List<Answer> answers) {}

    private SeenMessages messages(
            FixtureBytes fixture, byte[] client, int cut, byte[] service, int answerCut) {
        EmbeddedProxy proxy = opened(fixture);
        proxy.send(utf8(fixture.requestHead("")));
        proxy.forwarded();
        proxy.answer(FixtureBytes.SWITCHING);
        proxy.received();
        proxy.send(client, 0, cut);
        proxy.send(client, cut, client.length);
        String forwarded = unmask(proxy.forwarded());
        proxy.answer(service, 0, answerCut);
        proxy.answer(service, answerCut, service.length);
        String received = latin1(proxy.received());
        proxy.finish();
        return new SeenMessages(
                List.copyOf(proxy.asked),
                List.copyOf(proxy.failures),
                forwarded,
                received,
                List.copyOf(proxy.answers));
    }

    private static byte[] frames(FixtureBytes fixture, boolean fromClient) {
        return fixture.messages().stream()
                .filter(m -> m.fromClient() == fromClient)
                .map(FixtureBytes::frame)
                .reduce(new byte[0], FixtureBytes::join);
    }

    /** The client's frames as they would be without masks. */
    private static String unmasked(FixtureBytes fixture) {
        return unmask(frames(fixture, true));
    }

    /** First byte, length and payload of each masked frame (RFC 6455 §5.3). */
    private static String unmask(byte[] frames) {
        StringBuilder all = new StringBuilder();
        int at = 0;
        while (at < frames.length) {
            assertThat(frames[at + 1] & 0x80).as("masked").isEqualTo(0x80);
            int length = frames[at + 1] & 0x7F;
            int mask = at + 2;
            if (length == 126) {
                length = (frames[at + 2] & 0xFF) << 8 | frames[at + 3] & 0xFF;
                mask += 2;
            }
            all.append((char) (frames[at] & 0xFF)).append(length).append(':');
            for (int i = 0; i < length; i++) {
                all.append((char) ((frames[mask + 4 + i] ^ frames[mask + (i & 3)]) & 0xFF));
            }
            at = mask + 4 + length;
        }
        return all.toString();
    }

    // ----

    private EmbeddedProxy opened(FixtureBytes fixture) {
        var match = world.catalogue.match(fixture.exchange.head()).orElseThrow();
        return EmbeddedProxy.opened(
                world,
                MAX_BODY,
                match.service(),
                fixture.exchange.head().host(),
                fixture.exchange.head().port());
    }

    private Seen exchange(
            FixtureBytes fixture, byte[] request, int cut, byte[] answer, int answerCut) {
        EmbeddedProxy proxy = opened(fixture);
        proxy.send(request, 0, cut);
        // The verdict comes before the byte: half a request is no reason to send anything.
        if (cut > 0 && fixture.hasBody()) {
            assertThat(proxy.forwarded()).as("sent before the verdict").isEmpty();
        }
        proxy.send(request, cut, request.length);
        return seen(proxy, answer, answerCut);
    }

    private Seen byteByByte(FixtureBytes fixture, byte[] request, byte[] answer) {
        EmbeddedProxy proxy = opened(fixture);
        for (int i = 0; i < request.length; i++) {
            proxy.send(request, i, i + 1);
        }
        return seen(proxy, answer, 0);
    }

    private static Seen seen(EmbeddedProxy proxy, byte[] answer, int cut) {
        HttpText forwarded = HttpText.of(proxy.forwarded());
        proxy.answer(answer, 0, cut);
        proxy.answer(answer, cut, answer.length);
        HttpText received = HttpText.of(proxy.received());
        proxy.finish();
        return new Seen(
                List.copyOf(proxy.asked),
                List.copyOf(proxy.failures),
                forwarded,
                received,
                List.copyOf(proxy.answers));
    }

    private static void assertAsExpected(FixtureBytes fixture, List<Asked> asked) {
        String prompt = FixtureBytes.text(fixture.expect(), "prompt");
        assertThat(asked)
                .allSatisfy(a -> {
                    assertThat(a.service())
                            .isEqualTo(FixtureBytes.text(fixture.expect(), "service"));
                    assertThat(a.endpoint())
                            .isEqualTo(FixtureBytes.text(fixture.expect(), "endpoint"));
                });
        assertThat(
                        asked.stream()
                                .map(a -> a.prompt().text())
                                .filter(t -> !t.isEmpty())
                                .reduce("", (_, last) -> last))
                .isEqualTo(prompt);
        List<String> segments =
                asked.stream()
                        .flatMap(a -> a.prompt().segments().stream())
                        .map(Segment::text)
                        .toList();
        if (fixture.expect().get("all_texts") instanceof JsonArray texts) {
            for (JsonValue text : texts.elements()) {
                assertThat(segments).contains(((Text) text).value());
            }
        }
    }

    private static String head(byte[] message) {
        String all = latin1(message);
        return all.substring(0, all.indexOf("\r\n\r\n") + 4);
    }

    private static String latin1(byte[] bytes) {
        return new String(bytes, ISO_8859_1);
    }
}
