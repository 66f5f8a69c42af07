// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.inspector.body.CanonicalJson;
import dev.chaperone.inspector.body.JsonArray;
import dev.chaperone.inspector.body.JsonObject;
import dev.chaperone.inspector.body.JsonScalar;
import dev.chaperone.inspector.body.JsonValue;
import dev.chaperone.inspector.body.Text;
import dev.chaperone.inspector.catalogue.AnswerReader;
import dev.chaperone.inspector.catalogue.EndpointMatch;
import dev.chaperone.model.prompt.Answer;
import dev.chaperone.model.prompt.Attachment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FixtureTest {
    private final ExchangeInspector inspector = new ExchangeInspector(Fixtures.CATALOGUE);

    @Test
    void thereAreFixturesOfEveryBuiltNotation() {
        assertThat(Fixtures.built()).hasSize(48);
        assertThat(Fixtures.files()).hasSize(48 + Fixtures.NOT_BUILT.size());
    }

    @ParameterizedTest
    @MethodSource("dev.chaperone.inspector.capture.Fixtures#files")
    void everyFixtureIsRecognised(Path file) {
        JsonObject expect = expect(file);
        Inspection seen = inspector.inspect(Fixtures.read(file));
        EndpointMatch match = Objects.requireNonNull(seen.match());
        assertThat(match.service().id()).isEqualTo(text(expect, "service"));
        assertThat(match.endpoint().id()).isEqualTo(text(expect, "endpoint"));
        assertThat(match.endpoint().kind().id()).isEqualTo(text(expect, "kind"));
    }

    @ParameterizedTest
    @MethodSource("dev.chaperone.inspector.capture.Fixtures#built")
    void theRequestReadsAsExpected(Path file) {
        JsonObject expect = expect(file);
        Inspection seen = inspector.inspect(Fixtures.read(file));
        String prompt = text(expect, "prompt");
        assertThat(seen.prompt().text()).isEqualTo(prompt == null ? "" : prompt);
        assertThat(seen.declaredTexts()).containsAll(texts(expect, "all_texts"));
        assertThat(seen.model()).isEqualTo(text(expect, "model"));
        assertThat(seen.conversation()).isEqualTo(text(expect, "conversation_id"));
        assertThat(seen.prompt().attachments().stream().map(FixtureTest::plain))
                .containsExactlyInAnyOrderElementsOf(attachments(expect));
        if (expect.get("account") instanceof JsonObject account) {
            assertThat(seen.prompt().account().kind()).isEqualTo(text(account, "kind"));
            assertThat(seen.prompt().account().id()).isEqualTo(text(account, "id"));
        }
    }

    @ParameterizedTest
    @MethodSource("dev.chaperone.inspector.capture.Fixtures#built")
    void theAnswerReadsAsExpected(Path file) {
        JsonObject expect = expect(file);
        Answer answer = inspector.inspect(Fixtures.read(file)).answer();
        if (answer == null) {
            assertThat(text(expect, "response_text")).isNull();
            return;
        }
        assertThat(answer.text()).isEqualTo(emptyAsNull(text(expect, "response_text")));
        assertThat(answer.error()).isEqualTo(text(expect, "response_error"));
        assertThat(answer.reasoning()).isEqualTo(emptyAsNull(text(expect, "reasoning")));
        assertThat(answer.toolCalls().stream().map(c -> c.name() + c.arguments()))
                .containsExactlyElementsOf(toolCalls(expect));
        assertThat(answer.truncated()).isFalse();
    }

    @ParameterizedTest
    @MethodSource("dev.chaperone.inspector.capture.Fixtures#built")
    void anAnswerCutAtAnyByteReadsTheSame(Path file) {
        CapturedExchange exchange = Fixtures.read(file);
        CapturedExchange.Response response = exchange.response();
        if (response == null) {
            return;
        }
        Inspection seen = inspector.inspect(exchange);
        EndpointMatch match = Objects.requireNonNull(seen.match());
        byte[] body = response.body();
        for (int cut = 0; cut <= body.length; cut++) {
            AnswerReader reader =
                    AnswerReader.forResponse(
                            match, exchange.head(), response.status(), response.contentType());
            reader.feed(body, 0, cut);
            Answer before = reader.soFar();
            reader.feed(body, cut, body.length - cut);
            assertThat(reader.finish()).as("cut at %d", cut).isEqualTo(seen.answer());
            assertThat(before).isNotNull();
        }
    }

    private static JsonObject expect(Path file) {
        return (JsonObject) Objects.requireNonNull(Fixtures.document(file).get("expect"));
    }

    private static @Nullable String emptyAsNull(@Nullable String text) {
        return text == null || text.isEmpty() ? null : text;
    }

    private static @Nullable String text(JsonObject object, String name) {
        return switch (object.get(name)) {
            case Text text -> text.value();
            case JsonScalar scalar when !scalar.isNull() -> scalar.raw();
            case null, default -> null;
        };
    }

    private static List<JsonValue> elements(JsonObject object, String name) {
        return object.get(name) instanceof JsonArray array ? array.elements() : List.of();
    }

    private static List<String> texts(JsonObject object, String name) {
        return elements(object, name).stream().map(v -> ((Text) v).value()).toList();
    }

    private static List<String> attachments(JsonObject expect) {
        List<String> plain = new ArrayList<>();
        for (JsonValue value : elements(expect, "attachments")) {
            JsonObject a = (JsonObject) value;
            plain.add(
                    String.join(
                            "|",
                            text(a, "name") + "",
                            text(a, "mime") + "",
                            text(a, "id") + "",
                            text(a, "url") + "",
                            text(a, "size") + ""));
        }
        return plain;
    }

    private static String plain(Attachment a) {
        return String.join(
                "|", a.name() + "", a.mime() + "", a.id() + "", a.url() + "", a.size() + "");
    }

    private static List<String> toolCalls(JsonObject expect) {
        List<String> calls = new ArrayList<>();
        for (JsonValue value : elements(expect, "tool_calls")) {
            JsonObject call = (JsonObject) value;
            String args = String.valueOf(text(call, "arguments"));
            calls.add(text(call, "name") + CanonicalJson.ofText(args));
        }
        return calls;
    }
}
