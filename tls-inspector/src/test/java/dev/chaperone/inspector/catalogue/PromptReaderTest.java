// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.inspector.http.HeaderField;
import dev.chaperone.inspector.http.RequestHead;
import dev.chaperone.model.prompt.NotInspected;
import dev.chaperone.model.prompt.Origin;
import dev.chaperone.model.prompt.Segment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PromptReaderTest {
    static RequestHead head(String method, String target, HeaderField... headers) {
        return new RequestHead(
                method, "https", "ai.example", 443, target, List.of(headers), "http/1.1");
    }

    private static Reading read(String target, String body, HeaderField... headers) {
        RequestHead head = head("POST", target, headers);
        return PromptReader.read(
                MadeUp.CATALOGUE.match(head).orElseThrow(),
                head,
                body.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aServiceOfOneAddedFileIsRead() {
        Reading reading =
                read("/chat", "{\"q\":\"hello\",\"m\":\"x-1\"}", new HeaderField("X-Team", "t9"));
        assertThat(reading).isInstanceOf(Reading.Readable.class);
        Reading.Readable readable = (Reading.Readable) reading;
        assertThat(readable.prompt().text()).isEqualTo("hello");
        assertThat(readable.prompt().model()).isEqualTo("x-1");
        assertThat(readable.prompt().account().id()).isEqualTo("t9");
        assertThat(readable.declared()).isEqualTo(1);
    }

    @Test
    void turnsTellOrigins() {
        Reading.Readable readable =
                (Reading.Readable)
                        read(
                                "/turns/r1",
                                """
                                {"system": "be kind always", "messages": [
                                 {"role": "user", "content": "first question"},
                                 {"role": "assistant", "content": [{"type": "tool_use", "input":
                                   {"cmd": "cat secrets.txt"}}]},
                                 {"role": "user", "content": [{"type": "tool_result",
                                   "content": "what the tool said"}]},
                                 {"role": "user", "content": [{"type": "text", "text": "and now?"}]},
                                 {"role": "system", "content": "a late instruction"}],
                                 "tools": [{"name": "run", "description": "runs a command"}],
                                 "metadata": {"note": "an undeclared field"}}
                                """);
        assertThat(readable.prompt().text()).isEqualTo("and now?");
        assertThat(readable.prompt().conversation()).isEqualTo("r1");
        assertThat(origin(readable, "be kind always")).isEqualTo(Origin.SYSTEM);
        assertThat(origin(readable, "first question")).isEqualTo(Origin.HISTORY);
        assertThat(origin(readable, "cat secrets.txt")).isEqualTo(Origin.TOOL_CALL);
        assertThat(origin(readable, "what the tool said")).isEqualTo(Origin.TOOL_RESULT);
        assertThat(origin(readable, "and now?")).isEqualTo(Origin.USER);
        assertThat(origin(readable, "a late instruction")).isEqualTo(Origin.SYSTEM);
        assertThat(origin(readable, "runs a command")).isEqualTo(Origin.TOOL_DESCRIPTION);
        assertThat(origin(readable, "an undeclared field")).isEqualTo(Origin.USER);
    }

    private static Origin origin(Reading.Readable readable, String text) {
        return readable.prompt().segments().stream()
                .filter(s -> s.text().equals(text))
                .map(Segment::origin)
                .findFirst()
                .orElseThrow(() -> new AssertionError("not read: " + text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"q\":\"a\"",
                "{\"q\":\"a\"}x",
                "{\"q\":\"a\",\"q\":\"b\"}",
                "{'q':'a'}",
                "{\"q\":01}",
                "{\"q\":\"a\tb\"}",
                "q=a",
                "[1,]"
            })
    void whatIsNotTheDeclaredDocumentIsUnreadable(String body) {
        assertThat(read("/chat", body)).isInstanceOf(Reading.Unreadable.class);
    }

    @Test
    void whatStandsBesideTheDeclaredDocumentIsScanned() {
        HeaderField form = new HeaderField("content-type", "application/x-www-form-urlencoded");
        String body = "f=%5Bnull%2C%22%5B%5C%22hello%5C%22%5D%22%5D&other=my+secret-value";
        assertThat(texts(read("/form", body, form))).contains("hello", "my secret-value");
    }

    @Test
    void aFormWithoutTheDeclaredFieldIsScannedNotPassed() {
        HeaderField form = new HeaderField("content-type", "application/x-www-form-urlencoded");
        assertThat(texts(read("/form", "g=my+secret-value", form))).contains("my secret-value");
    }

    @Test
    void theSameFieldsAsAFormOrMultipartAreRead() {
        HeaderField form = new HeaderField("content-type", "application/x-www-form-urlencoded");
        assertThat(texts(read("/chat", "q=hello", form))).contains("hello");
        HeaderField multipart = new HeaderField("content-type", "multipart/form-data; boundary=b");
        String body = "--b\r\nContent-Disposition: form-data; name=\"q\"\r\n\r\nhello\r\n--b--\r\n";
        assertThat(texts(read("/chat", body, multipart))).contains("hello");
    }

    private static List<String> texts(Reading reading) {
        return ((Reading.Readable) reading)
                .prompt().segments().stream().map(Segment::text).toList();
    }

    @Test
    void contentThatServesAsMemberNameIsScanned() {
        String body = "{\"q\":\"hello\",\"by\":{\"ann@corp.example\":1,\"4111111111111111\":2}}";
        assertThat(texts(read("/chat", body))).contains("ann@corp.example", "4111111111111111");
    }

    @Test
    void equalDuplicatesAreRead() {
        assertThat(read("/chat", "{\"q\":\"hello\",\"q\":\"hello\"}"))
                .isInstanceOf(Reading.Readable.class);
    }

    @Test
    void malformedUtf8AndOtherCharsetsAreUnreadable() {
        RequestHead head = head("POST", "/chat");
        byte[] body = "{\"q\":\"a\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1);
        assertThat(PromptReader.read(MadeUp.CATALOGUE.match(head).orElseThrow(), head, body))
                .isInstanceOf(Reading.Unreadable.class);
        assertThat(
                        read(
                                "/chat",
                                "{\"q\":\"hello\"}",
                                new HeaderField(
                                        "content-type", "application/json; charset=utf-16")))
                .isInstanceOf(Reading.Unreadable.class);
    }

    @Test
    void aDocumentDeeperThanTheLimitIsUnreadable() {
        String deep = "[".repeat(100_000);
        assertThat(read("/chat", deep)).isInstanceOf(Reading.Unreadable.class);
    }

    @Test
    void aDocumentAtTheLimitIsReadOnASmallStack() throws Exception {
        String open = "{\"a\":".repeat(500);
        String body = "{\"q\":\"hello\",\"x\":" + open + "\"my secret-value\"" + "}".repeat(501);
        AtomicReference<Reading> reading = new AtomicReference<>();
        // The shipped JVM flags give a thread 512 KiB.
        Thread small = new Thread(null, () -> reading.set(read("/chat", body)), "small", 400_000);
        small.start();
        small.join();
        assertThat(texts(reading.get())).contains("my secret-value");
    }

    @Test
    void aNotationOfALaterVersionIsNamed() {
        assertThat(read("/later", "abc"))
                .isEqualTo(
                        new Reading.Unreadable(
                                new NotInspected(NotInspected.Reason.NOT_BUILT, "CHP-CAT-001", 3)));
    }

    @Test
    void aByteOrderMarkAndLoneSurrogatesAreRead() {
        Reading reading = read("/chat", "\uFEFF{\"q\":\"x \\ud800 \\u0000 y\"}");
        assertThat(((Reading.Readable) reading).prompt().text()).isEqualTo("x \ud800 \u0000 y");
    }

    @Test
    void controlFramesAreNoPromptButTheirStringsAreScanned() {
        RequestHead head = head("GET", "/socket", new HeaderField("Upgrade", "websocket"));
        EndpointMatch match = MadeUp.CATALOGUE.match(head).orElseThrow();
        Reading ping = message(match, head, "{\"event\":\"ping\"}");
        assertThat(ping).isInstanceOf(Reading.NotAPrompt.class);
        Reading control = message(match, head, "{\"event\":\"set\",\"note\":\"my secret-value\"}");
        assertThat(((Reading.Readable) control).declared()).isZero();
        assertThat(((Reading.Readable) control).prompt().text()).isEmpty();
        Reading send = message(match, head, "{\"event\":\"send\",\"text\":\"hi\"}");
        assertThat(((Reading.Readable) send).prompt().text()).isEqualTo("hi");
        assertThat(message(match, head, "ping")).isInstanceOf(Reading.NotAPrompt.class);
        assertThat(message(match, head, "42[\"ask\",{}]")).isInstanceOf(Reading.Unreadable.class);
        assertThat(PromptReader.readMessage(match, head, new byte[] {1, 2}, false))
                .isInstanceOf(Reading.Unreadable.class);
    }

    private static Reading message(EndpointMatch match, RequestHead head, String text) {
        return PromptReader.readMessage(match, head, text.getBytes(StandardCharsets.UTF_8), true);
    }

    @Test
    void otherSpellingsOfAPathAreTheSameEndpoint() {
        for (String path : List.of("/chat", "/chat/", "//chat", "/%63hat", "/./chat")) {
            assertThat(MadeUp.CATALOGUE.match(head("POST", path))).as(path).isPresent();
        }
        assertThat(MadeUp.CATALOGUE.match(head("POST", "/chatter"))).isEmpty();
        assertThat(MadeUp.CATALOGUE.match(head("GET", "/chat"))).isEmpty();
    }

    @Test
    void hostPatternsCoverWhatTheySay() {
        assertThat(on("ai.example", 443)).contains("made-up");
        assertThat(on("eu.ai.example", 443)).contains("made-up");
        assertThat(on("xai.example", 443)).doesNotContain("made-up");
        assertThat(on("lan.example", 8443)).contains("made-up");
        assertThat(on("lan.example", 443)).doesNotContain("made-up");
        assertThat(on("bank.example", 443)).isEmpty();
    }

    @Test
    void certificatesCarryLiteralNamesOnly() {
        assertThat(Catalogue.literalHosts(MadeUp.CATALOGUE.services().getFirst()))
                .containsExactly("ai.example", "*.ai.example", "lan.example");
        assertThat(Catalogue.literalHosts(MadeUp.CATALOGUE.services().getLast())).isEmpty();
    }

    private static List<String> on(String host, int port) {
        return MadeUp.CATALOGUE.servicesOn(host, port).stream().map(s -> s.id()).toList();
    }

    @Test
    void noTextShowsInToString() {
        Reading.Readable readable = (Reading.Readable) read("/chat", "{\"q\":\"confidential\"}");
        assertThat(readable.toString()).doesNotContain("confidential");
        assertThat(readable.map().toString()).doesNotContain("confidential");
    }
}
