// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import static dev.chaperone.inspector.conn.FixtureBytes.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.encoder.BrotliOutputStream;
import com.aayushatharva.brotli4j.encoder.Encoder;
import com.github.luben.zstd.ZstdOutputStream;
import dev.chaperone.inspector.Restoration;
import dev.chaperone.inspector.capture.Fixtures;
import dev.chaperone.model.prompt.Answer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers with placeholders through the proxy's own pipelines, HTTP/1.1. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RestoredAnswerTest {
    private static final Restoration VALUES =
            new Restoration(Map.of("[PERSON-1]", "Ada \"L\""), false);
    private static final String REQUEST_BODY =
            "{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    private static final String DELTA =
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%s\"}}]}\n\n";

    @SuppressWarnings("NullAway.Init") // set before the tests
    private EmbeddedProxy.World world;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        world = new EmbeddedProxy.World(Fixtures.CATALOGUE, folder);
    }

    private EmbeddedProxy asked(Restoration restoration, String request) {
        EmbeddedProxy proxy = EmbeddedProxy.opened(world, 1 << 20, null, "api.openai.com", 443);
        proxy.restoration = restoration;
        proxy.send(utf8(request));
        assertThat(proxy.forwarded()).isNotEmpty();
        return proxy;
    }

    private EmbeddedProxy asked() {
        return asked(VALUES, request("POST", "HTTP/1.1"));
    }

    private static String request(String method, String version) {
        return method
                + " /v1/chat/completions "
                + version
                + "\r\nHost: api.openai.com\r\nContent-Type: application/json\r\nContent-Length: "
                + REQUEST_BODY.length()
                + "\r\n\r\n"
                + REQUEST_BODY;
    }

    private static byte[] answer(String fields, byte[] body) {
        byte[] head =
                utf8(
                        "HTTP/1.1 200 OK\r\nContent-Length: "
                                + body.length
                                + "\r\n"
                                + fields
                                + "\r\n");
        byte[] all = Arrays.copyOf(head, head.length + body.length);
        System.arraycopy(body, 0, all, head.length, body.length);
        return all;
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
            zip.write(plain);
        }
        return out.toByteArray();
    }

    private static String body(HttpText text) {
        return new String(
                text.body().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    @Test
    void placeholderOfACompressedDocumentComesBackUncompressed() throws IOException {
        String body = "{\"choices\":[{\"message\":{\"content\":\"Dear [person-1], \u00e4\"}}]}";
        EmbeddedProxy proxy = asked();
        proxy.answer(
                answer(
                        "Content-Type: application/json\r\nContent-Encoding: gzip\r\nETag: \"x\"\r\nDigest: sha-256=x\r\nX-Id: 7\r\n",
                        gzip(utf8(body))));
        HttpText got = HttpText.of(proxy.received());
        assertThat(got.head())
                .isEqualTo(
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\nX-Id: 7\r\n\r\n");
        assertThat(body(got)).isEqualTo(body.replace("[person-1]", "Ada \\\"L\\\""));
        proxy.finish();
        // What the gate reads is what the service sent.
        assertThat(proxy.answers)
                .extracting(Answer::text)
                .containsExactly("Dear [person-1], \u00e4");
        assertThat(proxy.failures).isEmpty();
    }

    @Test
    void headAndFirstEventDoNotWaitForTheRest() {
        EmbeddedProxy proxy = asked();
        proxy.answer(
                utf8(
                        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nTrailer: X-T, Digest\r\n\r\n"));
        assertThat(new String(proxy.received(), StandardCharsets.US_ASCII))
                .startsWith("HTTP/1.1 200 OK\r\n")
                .endsWith("\r\n\r\n");
        proxy.answer(chunk(DELTA.formatted("Hello [PER")));
        assertThat(new String(proxy.received(), StandardCharsets.UTF_8))
                .contains(DELTA.formatted("Hello "));
        proxy.answer(chunk(DELTA.formatted("SON-1]!")));
        assertThat(new String(proxy.received(), StandardCharsets.UTF_8))
                .contains(DELTA.formatted("Ada \\\"L\\\"!"));
        proxy.answer(chunk("data: [DONE]\n\n"));
        proxy.answer(utf8("0\r\nX-T: 1\r\nDigest: sha-256=x\r\n\r\n"));
        assertThat(new String(proxy.received(), StandardCharsets.UTF_8))
                .endsWith("data: [DONE]\n\n\r\n0\r\nX-T: 1\r\n\r\n");
        proxy.finish();
    }

    private static byte[] chunk(String text) {
        byte[] data = utf8(text);
        return utf8(Integer.toHexString(data.length) + "\r\n" + text + "\r\n");
    }

    @Test
    void anotherExchangeFollowsOnTheConnection() {
        EmbeddedProxy proxy = asked();
        for (int i = 0; i < 3; i++) {
            byte[] body = utf8(DELTA.formatted("[PERSON-1]"));
            proxy.answer(answer("Content-Type: text/event-stream\r\n", body));
            assertThat(HttpText.of(proxy.received()).body())
                    .isEqualTo(DELTA.formatted("Ada \\\"L\\\""));
            proxy.send(utf8(request("POST", "HTTP/1.1")));
            assertThat(proxy.forwarded()).isNotEmpty();
        }
        proxy.finish();
    }

    @Test
    void whatIsKeptBackIsSentWhenTheAnswerBreaksOff() {
        EmbeddedProxy proxy = asked();
        proxy.answer(
                utf8(
                        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"));
        proxy.answer(chunk(DELTA.formatted("Hello [PERSON")));
        proxy.answer(chunk("data: {\"choices\":[{"));
        proxy.upstreamCloses();
        String got = new String(proxy.received(), StandardCharsets.UTF_8);
        assertThat(got)
                .containsSubsequence(
                        DELTA.formatted("Hello "),
                        DELTA.formatted("[PERSON"),
                        "data: {\"choices\":[{");
        assertThat(got).as("a cut answer looks cut").doesNotContain("\r\n0\r\n");
        assertThat(proxy.clientIsOpen()).isFalse();
        proxy.finish();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Type: application/octet-stream\r\n",
                "Content-Type: text/event-stream\r\nContent-Encoding: gzip, br\r\n",
            })
    void whatCannotBeReadPassesAsItCame(String fields) {
        EmbeddedProxy proxy = asked();
        byte[] answer = answer(fields, new byte[] {1, 2, (byte) 0xff, '[', '\n', '\n'});
        proxy.answer(answer);
        byte[] got = proxy.received();
        proxy.finish();
        if (fields.contains("br")) {
            assertThat(got).isEqualTo(answer);
            assertThat(proxy.failures).contains("CHP-TLS-022");
        } else {
            assertThat(HttpText.of(got).body()).isEqualTo(HttpText.of(answer).body());
        }
    }

    @Test
    void withoutARestorationEveryByteOfTheHeadStays() {
        EmbeddedProxy proxy = asked(Restoration.NONE, request("POST", "HTTP/1.1"));
        byte[] answer =
                answer("Content-Type: text/event-stream\r\n", utf8(DELTA.formatted("[PERSON-1]")));
        proxy.answer(answer);
        assertThat(proxy.received()).isEqualTo(answer);
        proxy.finish();
    }

    @ParameterizedTest
    @ValueSource(strings = {"204 No Content", "304 Not Modified", "206 Partial Content"})
    void answersWithoutAWholeBodyStay(String status) {
        EmbeddedProxy proxy = asked();
        byte[] answer = utf8("HTTP/1.1 " + status + "\r\nETag: \"x\"\r\nContent-Length: 0\r\n\r\n");
        proxy.answer(answer);
        assertThat(new String(proxy.received(), StandardCharsets.US_ASCII)).contains("ETag: \"x\"");
        proxy.finish();
    }

    @Test
    void anAnswerThatIsNotCompressedAsItSaysIsCutAndCounted() {
        EmbeddedProxy proxy = asked();
        proxy.answer(
                answer(
                        "Content-Type: text/event-stream\r\nContent-Encoding: gzip\r\n",
                        utf8("this is no gzip at all")));
        assertThat(proxy.clientIsOpen()).isFalse();
        assertThat(proxy.failures).contains("CHP-TLS-022");
        proxy.finish();
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd"})
    void aBombIsReadNoFurtherAndPassesAsItCame(String coding) throws IOException {
        byte[] bomb = bomb(coding, 256);
        assertThat(bomb.length).isLessThan(16 * 1024);
        EmbeddedProxy proxy = asked(Restoration.NONE, request("POST", "HTTP/1.1"));
        byte[] answer =
                answer(
                        "Content-Type: text/event-stream\r\nContent-Encoding: " + coding + "\r\n",
                        bomb);
        proxy.answer(answer);
        assertThat(proxy.received()).isEqualTo(answer);
        assertThat(proxy.failures).contains("CHP-TLS-021");
        proxy.finish();
    }

    private static byte[] bomb(String coding, int mebibytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Brotli4jLoader.ensureAvailability();
        try (OutputStream encoder =
                coding.equals("br")
                        ? new BrotliOutputStream(out, Encoder.Parameters.create(5))
                        : new ZstdOutputStream(out)) {
            for (int i = 0; i < mebibytes; i++) {
                encoder.write(new byte[1 << 20]);
            }
        }
        return out.toByteArray();
    }

    @Test
    void whatAFewCompressedBytesMeanComesWhole() throws IOException {
        String event = DELTA.formatted("[PERSON-1]" + " ".repeat(4_000));
        byte[] plain = utf8(event.repeat(5_000));
        byte[] compressed = gzip(plain);
        assertThat(plain.length / compressed.length).isGreaterThan(150);
        EmbeddedProxy proxy = asked();
        proxy.answer(
                answer(
                        "Content-Type: text/event-stream\r\nContent-Encoding: gzip\r\n",
                        compressed));
        String got = HttpText.of(proxy.received()).body();
        proxy.finish();
        assertThat(got.replace("Ada \\\"L\\\"", "[PERSON-1]").getBytes(StandardCharsets.UTF_8))
                .isEqualTo(plain);
    }
}
