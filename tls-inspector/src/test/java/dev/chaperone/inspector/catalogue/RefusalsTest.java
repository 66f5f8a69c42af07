// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.inspector.Refusal;
import dev.chaperone.inspector.body.JsonReader;
import dev.chaperone.inspector.body.Source;
import dev.chaperone.inspector.capture.CapturedExchange;
import dev.chaperone.inspector.capture.Fixtures;
import dev.chaperone.inspector.http.HeaderField;
import dev.chaperone.inspector.http.RequestHead;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RefusalsTest {
    private static final Refusal REFUSAL =
            new Refusal("R7", "A \"card\" number\nmust not leave.", "CHP-POL-001");
    private static final String ESCAPED = "A \\\"card\\\" number\\nmust not leave. [R7]";

    private static Refusals.HttpReply http(RequestHead head, String body) {
        return Refusals.http(
                MadeUp.CATALOGUE.match(head).orElseThrow(),
                head,
                body.getBytes(StandardCharsets.UTF_8),
                REFUSAL);
    }

    private static String text(Refusals.HttpReply reply) {
        return new String(reply.body(), StandardCharsets.UTF_8);
    }

    @Test
    void theDeclaredBodyCarriesMessageRefusalIdAndRequestId() {
        Refusals.HttpReply reply =
                http(PromptReaderTest.head("POST", "/chat"), "{\"id\":7,\"q\":\"x\"}");
        assertThat(reply.status()).isEqualTo(400);
        assertThat(text(reply)).isEqualTo("{\"id\":7,\"why\":\"" + ESCAPED + "\"}");
        assertThat(value(reply, "cache-control")).contains("no-store");
        assertThat(value(reply, "x-should-retry")).contains("false");
        assertThat(value(reply, "access-control-allow-origin")).isEmpty();
    }

    @Test
    void aClientThatAskedForAStreamGetsOneWhereTheCatalogueSaysSo() {
        Refusals.HttpReply reply =
                http(PromptReaderTest.head("POST", "/chat"), "{\"q\":\"x\",\"stream\":true}");
        assertThat(reply.status()).isEqualTo(200);
        assertThat(value(reply, "content-type")).contains("text/event-stream");
        assertThat(text(reply)).endsWith("data: [DONE]\n\n").contains(ESCAPED);
    }

    @Test
    void aPageOfAnotherOriginMayReadTheReply() {
        RequestHead head =
                PromptReaderTest.head(
                        "POST", "/chat", new HeaderField("Origin", "https://page.example"));
        Refusals.HttpReply reply = http(head, "{}");
        assertThat(value(reply, "access-control-allow-origin")).contains("https://page.example");
        assertThat(value(reply, "access-control-allow-credentials")).contains("true");
    }

    @Test
    void anUnknownEndpointGetsAGenericReply() {
        Refusals.HttpReply reply =
                Refusals.http(null, PromptReaderTest.head("POST", "/new"), null, REFUSAL);
        assertThat(reply.status()).isEqualTo(400);
        assertThat(text(reply)).contains("\"message\":\"" + ESCAPED + "\"");
    }

    @Test
    void aRefusedMessageIsAnsweredByItsOwnId() {
        RequestHead head =
                PromptReaderTest.head("GET", "/socket", new HeaderField("Upgrade", "websocket"));
        List<byte[]> frames =
                Refusals.messages(
                        MadeUp.CATALOGUE.match(head).orElseThrow(),
                        head,
                        "{\"event\":\"send\",\"turn\":\"t1\"}".getBytes(StandardCharsets.UTF_8),
                        REFUSAL);
        assertThat(frames).hasSize(1);
        assertThat(new String(frames.getFirst(), StandardCharsets.UTF_8))
                .isEqualTo("{\"turn\":\"t1\",\"say\":\"" + ESCAPED + "\"}");
    }

    /** Every shipped reply renders, and as JSON where it says so. */
    @ParameterizedTest
    @MethodSource("dev.chaperone.inspector.capture.Fixtures#files")
    void everyKnownClientGetsAWellFormedReply(Path file) throws Exception {
        CapturedExchange exchange = Fixtures.read(file);
        EndpointMatch match =
                Fixtures.CATALOGUE
                        .match(
                                exchange.head(),
                                exchange.body() == null ? new byte[0] : exchange.body())
                        .orElseThrow();
        Refusals.HttpReply reply = Refusals.http(match, exchange.head(), exchange.body(), REFUSAL);
        assertThat(text(reply)).contains("R7").doesNotContain("{message}", "{request_id}");
        assertThat(reply.status()).isNotIn(408, 409, 429).isLessThan(500);
        if (value(reply, "content-type").orElse("").equals("application/json")) {
            assertThat(JsonReader.read(reply.body(), Source.DETACHED)).isNotNull();
        }
        for (CapturedExchange.Message message : exchange.messages()) {
            if (message.fromClient()) {
                List<byte[]> frames =
                        Refusals.messages(match, exchange.head(), message.payload(), REFUSAL);
                assertThat(frames).isNotEmpty();
                assertThat(frames)
                        .anyMatch(f ->
                                new String(f, StandardCharsets.UTF_8).contains("must not leave"));
            }
        }
    }

    private static Optional<String> value(Refusals.HttpReply reply, String name) {
        return reply.headers().stream()
                .filter(h -> h.name().equals(name))
                .map(HeaderField::value)
                .findFirst();
    }
}
