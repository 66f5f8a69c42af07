// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServiceFormatTest {
    /** Every object of the notation once, one key a line. */
    private static final String SERVICE =
            """
            {
            "id": "acme-chat",
            "name": "Acme",
            "hosts": ["chat.acme.example"],
            "account": [{
            "from": "@header:x-acme-team"
            }],
            "endpoints": [{
            "id": "chat",
            "method": "POST",
            "path": "/v1/chat",
            "kind": "prompt",
            "request": {
            "decode": ["json"],
            "prompt": ["question"],
            "attachments": [{
            "each": "files[*]"
            }],
            "tool": {
            "name": "n",
            "args": "a"
            }
            },
            "responses": [{
            "framing": "sse",
            "rules": [{
            "append": "text",
            "tool": {
            "key": "id"
            }
            }],
            "patch": {
            "keys": {"path": "p", "op": "o", "value": "v"},
            "collect": [],
            "init": {
            "if": "a",
            "from": "b"
            }
            }
            }],
            "block_reply": {
            "status": 400
            }
            }]
            }
            """;

    @Test
    void theExampleIsAccepted() {
        assertThat(parse(SERVICE).endpoints()).hasSize(1);
    }

    @Test
    void everyKeyMisspeltNamesFileLineAndRemedy() {
        String[] lines = SERVICE.split("\n");
        int tried = 0;
        for (int n = 0; n < lines.length; n++) {
            if (!lines[n].matches("\"[a-z_]+\":.*")) {
                continue;
            }
            String key = lines[n].substring(1, lines[n].indexOf('"', 1));
            String[] changed = lines.clone();
            changed[n] = '"' + key + "x" + lines[n].substring(key.length() + 1);
            CatalogueFormatException e =
                    catchThrowableOfType(
                            CatalogueFormatException.class,
                            () -> parse(String.join("\n", changed)));
            assertThat(e).as(key).isNotNull();
            assertThat(e.getMessage())
                    .isEqualTo(
                            "acme.json:%d: unknown key '%sx', did you mean '%s'?"
                                    .formatted(n + 1, key, key));
            tried++;
        }
        assertThat(tried).isGreaterThan(25);
    }

    /** The schema and the reader must know the same keys, or one of them is wrong. */
    @Test
    void everyKeyOfTheSchemaIsReadAndNoOther() throws IOException {
        JsonTree schema =
                JsonTree.parse(
                        Files.readAllBytes(Path.of("schema/catalogue-service.schema.json")), "s");
        for (Map.Entry<String, Set<String>> object : ServiceReader.knownKeys().entrySet()) {
            JsonTree node =
                    object.getKey().isEmpty()
                            ? schema
                            : member(member(schema, "$defs"), object.getKey());
            Map<?, ?> properties = JsonTreeTesting.members(member(node, "properties"));
            assertThat(new TreeSet<>(properties.keySet()))
                    .as(object.getKey())
                    .isEqualTo(new TreeSet<>(object.getValue()));
        }
    }

    private static JsonTree member(JsonTree tree, String name) {
        return JsonTreeTesting.member(tree, name);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"kind\": \"prompt\" | \"kind\": \"promt\" | 'kind' must be one of prompt",
                "\"path\": \"/v1/chat\" | \"path\": \"/v1/(?=x)\" | 'path' is not a regex",
                "\"framing\": \"sse\" | \"framing\": \"ssse\" | 'framing' must be one of",
                "\"status\": 400 | \"status\": 429 | 'status' must be one that clients do not retry",
                "\"method\": \"POST\" | \"method\": \"post\" | method",
            })
    void aWrongValueIsNamed(String good, String bad, String reason) {
        assertThatThrownBy(() -> parse(SERVICE.replace(good, bad)))
                .isInstanceOf(CatalogueFormatException.class)
                .hasMessageMatching("acme.json:[1-9][0-9]*: .*")
                .hasMessageContaining(reason);
    }

    @Test
    void malformedJsonNamesItsLineAndQuotesNothing() {
        assertThatThrownBy(() -> parse("{\n\"id\": acme-secret\n}"))
                .isInstanceOf(CatalogueFormatException.class)
                .hasMessageStartingWith("acme.json:2: ")
                .hasMessageNotContaining("secret");
    }

    @Test
    void textsGivenOnceReadAsAList() {
        assertThat(
                        parse(SERVICE)
                                .endpoints()
                                .getFirst()
                                .responses()
                                .getFirst()
                                .rules()
                                .getFirst()
                                .append())
                .isEqualTo(List.of("text"));
    }

    private static dev.chaperone.model.service.AiService parse(String json) {
        return CatalogueLoader.parse(json.getBytes(StandardCharsets.UTF_8), "acme.json");
    }
}
