// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.chaperone.inspector.Replacement;
import dev.chaperone.inspector.capture.CapturedExchange;
import dev.chaperone.inspector.capture.Fixtures;
import dev.chaperone.inspector.http.HeaderField;
import dev.chaperone.inspector.http.RequestHead;
import dev.chaperone.model.finding.Span;
import dev.chaperone.model.prompt.Origin;
import dev.chaperone.model.prompt.Segment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RewriteTest {
    /** Escaping differs in every notation, so a placeholder must hold what each escapes. */
    private static final String PLACEHOLDER = "[X-1 \"é😀&\\%]";

    @ParameterizedTest
    @MethodSource("dev.chaperone.inspector.capture.Fixtures#built")
    void everySegmentCanBeReplacedAndNothingElseChanges(Path file) {
        CapturedExchange exchange = Fixtures.read(file);
        byte[] body = exchange.body();
        Optional<EndpointMatch> match =
                body == null ? Optional.empty() : Fixtures.CATALOGUE.match(exchange.head(), body);
        assertThat(match).isPresent();
        if (exchange.messages().isEmpty() && body != null) {
            eachSegment(body, b -> PromptReader.read(match.orElseThrow(), exchange.head(), b));
        }
        for (CapturedExchange.Message message : exchange.messages()) {
            if (message.fromClient()) {
                eachSegment(
                        message.payload(),
                        b ->
                                PromptReader.readMessage(
                                        match.orElseThrow(), exchange.head(), b, message.text()));
            }
        }
    }

    private interface Reader {
        Reading read(byte[] body);
    }

    private static void eachSegment(byte[] body, Reader reader) {
        if (!(reader.read(body) instanceof Reading.Readable(var prompt, var map, var _))) {
            return;
        }
        assertThat(map.rewrite(List.of())).isEqualTo(body);
        List<Segment> segments = prompt.segments();
        for (Segment segment : segments) {
            int from = segment.text().length() / 3;
            int to = Math.max(from + 1, segment.text().length() * 2 / 3);
            List<Replacement> one =
                    List.of(new Replacement(segment.index(), new Span(from, to), PLACEHOLDER));
            byte[] changed;
            try {
                changed = map.rewrite(one);
            } catch (RewriteException _) {
                // Only what stands in the query has no place in the body.
                assertThat(body).isEmpty();
                continue;
            }
            List<String> expected = new ArrayList<>(segments.stream().map(Segment::text).toList());
            expected.set(
                    segment.index(),
                    segment.text().substring(0, from) + PLACEHOLDER + segment.text().substring(to));
            Reading again = reader.read(changed);
            assertThat(again).isInstanceOf(Reading.Readable.class);
            assertThat(((Reading.Readable) again).prompt().segments())
                    .extracting(Segment::text)
                    // A changed member can be one that the frame filter looks at.
                    .containsExactlyInAnyOrderElementsOf(expected);
            assertOneRegionDiffers(body, changed);
        }
    }

    private static void assertOneRegionDiffers(byte[] before, byte[] after) {
        int start = 0;
        while (start < Math.min(before.length, after.length) && before[start] == after[start]) {
            start++;
        }
        int end = 0;
        while (end < Math.min(before.length, after.length) - start
                && before[before.length - 1 - end] == after[after.length - 1 - end]) {
            end++;
        }
        // What differs is no longer than the placeholder at its most escaped, or the old span.
        assertThat(after.length - start - end).isLessThan(PLACEHOLDER.length() * 12 + 400);
    }

    private static Reading.Readable read(String contentType, String path, String host, byte[] b) {
        RequestHead head =
                new RequestHead(
                        "POST",
                        "https",
                        host,
                        443,
                        path,
                        List.of(new HeaderField("content-type", contentType)),
                        "h2");
        EndpointMatch match = MadeUp.CATALOGUE.match(head, b).orElseThrow();
        return (Reading.Readable) PromptReader.read(match, head, b);
    }

    private static Reading.Readable json(String body) {
        return read(
                "application/json", "/chat", "ai.example", body.getBytes(StandardCharsets.UTF_8));
    }

    private static String redact(Reading.Readable readable, String secret) {
        List<Replacement> replacements = new ArrayList<>();
        for (Segment segment : readable.prompt().segments()) {
            int at = segment.text().indexOf(secret);
            if (at >= 0) {
                replacements.add(
                        new Replacement(
                                segment.index(), new Span(at, at + secret.length()), "[S-1]"));
            }
        }
        assertThat(replacements).isNotEmpty();
        return new String(readable.map().rewrite(replacements), StandardCharsets.UTF_8);
    }

    @Test
    void aSecretWrittenInEscapesIsSeenAndReplacedWhereItStands() {
        String body = "{\"q\":\"a \\u0073ecret\\u002dvalue \\ud83d\\ude00 é\", \"n\" : 1.0e2}";
        assertThat(redact(json(body), "secret-value"))
                .isEqualTo("{\"q\":\"a [S-1] \\ud83d\\ude00 é\", \"n\" : 1.0e2}");
    }

    @Test
    void aSecretInAToolCallsArgumentsBehindTwoEscapesIsSeen() {
        String body =
                "{\"q\":\"go\",\"tool_calls\":[{\"arguments\":\"{\\\"k\\\":\\\"\\\\u0073ecret-value\\\"}\"}]}";
        Reading.Readable readable = json(body);
        assertThat(readable.prompt().segments())
                .anySatisfy(s -> {
                    assertThat(s.text()).isEqualTo("secret-value");
                    assertThat(s.origin()).isEqualTo(Origin.TOOL_CALL);
                });
        assertThat(redact(readable, "secret-value"))
                .isEqualTo(
                        "{\"q\":\"go\",\"tool_calls\":[{\"arguments\":\"{\\\"k\\\":\\\"[S-1]\\\"}\"}]}");
    }

    @Test
    void jsonInJsonInAFormFieldIsRewrittenThroughEveryLayer() {
        String form = "at=x%3A1&f=%5Bnull%2C%22%5B%5C%22my+secret-value+%C3%A9%5C%22%5D%22%5D&z=1";
        Reading.Readable readable =
                read(
                        "application/x-www-form-urlencoded",
                        "/form",
                        "ai.example",
                        form.getBytes(StandardCharsets.UTF_8));
        assertThat(readable.prompt().text()).isEqualTo("my secret-value é");
        assertThat(redact(readable, "secret-value"))
                .isEqualTo(
                        "at=x%3A1&f=%5Bnull%2C%22%5B%5C%22my+%5BS-1%5D+%C3%A9%5C%22%5D%22%5D&z=1");
    }

    @Test
    void aTextFileInBase64IsReadAndEncodedAgain() {
        String data =
                Base64.getEncoder()
                        .encodeToString(
                                "name,key\nann,secret-value\n".getBytes(StandardCharsets.UTF_8));
        Reading.Readable readable =
                json(
                        "{\"q\":\"see\",\"files\":[{\"mime\":\"text/csv\",\"data\":\""
                                + data
                                + "\"}]}");
        String changed = redact(readable, "secret-value");
        String expected =
                Base64.getEncoder()
                        .encodeToString("name,key\nann,[S-1]\n".getBytes(StandardCharsets.UTF_8));
        assertThat(changed).contains(expected);
        assertThat(readable.prompt().notInspected()).isEmpty();
    }

    @Test
    void abinaryFileIsCountedAsNotInspected() {
        String data = Base64.getEncoder().encodeToString(new byte[] {0, 1, (byte) 0xff, 3});
        Reading.Readable readable =
                json(
                        "{\"q\":\"see\",\"files\":[{\"mime\":\"image/png\",\"data\":\""
                                + data
                                + "\"}]}");
        assertThat(readable.prompt().notInspected())
                .singleElement()
                .satisfies(n -> assertThat(n.bytes()).isEqualTo(4));
    }

    @Test
    void aMultipartBodyKeepsEveryOtherByte() {
        String body =
                """
                --b
                Content-Disposition: form-data; name="q"

                my secret-value
                --b
                Content-Disposition: form-data; name="f"; filename="a.txt"
                Content-Type: text/plain

                in a file: secret-value
                --b--
                """
                        .replace("\n", "\r\n");
        Reading.Readable readable =
                read(
                        "multipart/form-data; boundary=b",
                        "/multipart",
                        "ai.example",
                        body.getBytes(StandardCharsets.UTF_8));
        assertThat(redact(readable, "secret-value"))
                .isEqualTo(body.replace("secret-value", "[S-1]"));
    }

    @Test
    void aCardNumberWrittenAsANumberBecomesAString() {
        Reading.Readable readable = json("{\"q\":\"x\",\"card\": 4111111111111111 }");
        assertThat(redact(readable, "4111111111111111"))
                .isEqualTo("{\"q\":\"x\",\"card\": \"[S-1]\" }");
    }

    @Test
    void manyReplacementsInOneLongEscapedTextLandWhereTheyShould() {
        StringBuilder text = new StringBuilder();
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            text.append("\\u00e9 é \\ud83d\\ude00 😀 \\n secret-value ");
            expected.append("\\u00e9 é \\ud83d\\ude00 😀 \\n [S] ");
        }
        Reading.Readable readable = json("{\"q\":\"" + text + "\"}");
        Segment segment = readable.prompt().segments().getFirst();
        List<Replacement> replacements = new ArrayList<>();
        int at = segment.text().indexOf("secret-value");
        while (at >= 0) {
            replacements.add(new Replacement(0, new Span(at, at + 12), "[S]"));
            at = segment.text().indexOf("secret-value", at + 1);
        }
        assertThat(new String(readable.map().rewrite(replacements), StandardCharsets.UTF_8))
                .isEqualTo("{\"q\":\"" + expected + "\"}");
    }

    @Test
    void aSpanBeyondItsTextChangesNothing() {
        Reading.Readable readable = json("{\"q\":\"abc\",\"z\":1}");
        assertThatThrownBy(() ->
                        readable.map().rewrite(List.of(new Replacement(0, new Span(1, 9), "x"))))
                .isInstanceOf(RewriteException.class);
    }

    @Test
    void aTextOfTheQueryCannotBeRewritten() {
        RequestHead head =
                new RequestHead(
                        "GET", "https", "ai.example", 443, "/query?q=secret", List.of(), "h2");
        EndpointMatch match = MadeUp.CATALOGUE.match(head).orElseThrow();
        Reading.Readable readable = (Reading.Readable) PromptReader.read(match, head, new byte[0]);
        assertThatThrownBy(() ->
                        readable.map().rewrite(List.of(new Replacement(0, new Span(0, 3), "x"))))
                .isInstanceOf(RewriteException.class);
    }
}
