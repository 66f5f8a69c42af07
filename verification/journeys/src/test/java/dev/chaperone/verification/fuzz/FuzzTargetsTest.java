// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.chaperone.agent.config.ConfigException;
import dev.chaperone.agent.config.ConfigLoader;
import dev.chaperone.inspector.catalogue.AnswerReader;
import dev.chaperone.inspector.catalogue.Catalogue;
import dev.chaperone.inspector.catalogue.EndpointMatch;
import dev.chaperone.inspector.catalogue.PromptReader;
import dev.chaperone.inspector.catalogue.Reading;
import dev.chaperone.inspector.http.HeaderField;
import dev.chaperone.inspector.http.RequestHead;
import dev.chaperone.inspector.tls.ClientHello;
import dev.chaperone.policies.PolicyDocument;
import dev.chaperone.policies.PolicyFormatException;
import dev.chaperone.policies.catalogue.CatalogueLoader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What reads bytes of strangers. One target is searched with {@code JAZZER_FUZZ=1 mvn -pl
 * verification/journeys test -Dtest=FuzzTargetsTest#promptBody}.
 */
class FuzzTargetsTest {
    private static final Catalogue CATALOGUE = Catalogue.compile(CatalogueLoader.shipped());
    private static final RequestHead CHAT =
            new RequestHead(
                    "POST",
                    "https",
                    "api.openai.com",
                    443,
                    "/v1/chat/completions",
                    List.of(new HeaderField("content-type", "application/json")),
                    "http/1.1");

    private static EndpointMatch chat() {
        return CATALOGUE.match(CHAT).orElseThrow();
    }

    /** A hello is told from its first bytes; more bytes never change what was told. */
    @FuzzTest
    void clientHello(byte[] bytes) {
        ClientHello.Peek whole = ClientHello.peek(ByteBuffer.wrap(bytes));
        ClientHello.Peek half = ClientHello.peek(ByteBuffer.wrap(bytes, 0, bytes.length / 2));
        if (half instanceof ClientHello.Peek.Hello) {
            assertThat(whole).isEqualTo(half);
        }
    }

    /** A body is read or named unreadable; rewritten without replacements it is the same body. */
    @FuzzTest
    void promptBody(byte[] bytes) throws Exception {
        if (PromptReader.read(chat(), CHAT, bytes)
                instanceof Reading.Readable(var prompt, var map, _)) {
            assertThat(map.rewrite(List.of())).isEqualTo(bytes);
            for (int i = 0; i < prompt.segments().size(); i++) {
                assertThat(prompt.segments().get(i).index()).isEqualTo(i);
            }
        }
    }

    /** An answer means the same wherever its bytes are cut. */
    @FuzzTest
    void streamedAnswer(byte[] bytes) {
        AnswerReader whole = AnswerReader.forResponse(chat(), CHAT, 200, "text/event-stream");
        whole.feed(bytes, 0, bytes.length);
        AnswerReader cut = AnswerReader.forResponse(chat(), CHAT, 200, "text/event-stream");
        int at = bytes.length / 3;
        cut.feed(bytes, 0, at);
        cut.feed(bytes, at, bytes.length - at);
        assertThat(cut.finish().text()).isEqualTo(whole.finish().text());
    }

    /** A policy is read or refused with one kind of exception. */
    @FuzzTest
    void policyDocument(byte[] bytes) {
        try {
            assertThat(PolicyDocument.parse(bytes, "p.yaml").rules()).isNotNull();
        } catch (PolicyFormatException e) {
            assertThat(e).hasMessageStartingWith("p.yaml");
        }
    }

    /** A configuration is read or refused with one kind of exception. */
    @FuzzTest
    void configuration(byte[] bytes) throws IOException {
        Path file = Files.createTempFile("fuzz", ".yaml");
        try {
            Files.write(file, bytes);
            assertThat(ConfigLoader.load(file)).isNotNull();
        } catch (ConfigException e) {
            assertThat(e).hasMessageContaining(".yaml");
        } finally {
            Files.delete(file);
        }
    }
}
