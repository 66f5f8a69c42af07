// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import static dev.chaperone.inspector.conn.FixtureBytes.join;
import static dev.chaperone.inspector.conn.FixtureBytes.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.inspector.Verdict;
import dev.chaperone.inspector.capture.Fixtures;
import dev.chaperone.inspector.http.ContentEncoding;
import dev.chaperone.model.service.AiService;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A JSON-RPC client finds its request's id in the refusal, however the request was encoded. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RefusedBodyTest {
    private static final int MAX_BODY = 64 << 10;
    private static final String CALL =
            "{\"jsonrpc\":\"2.0\",\"id\":4711,\"method\":\"tools/call\","
                    + "\"params\":{\"name\":\"f\",\"arguments\":{\"text\":\"some words of a prompt\"}}}";

    @SuppressWarnings("NullAway.Init") // set before the tests
    private EmbeddedProxy.World world;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        world = new EmbeddedProxy.World(Fixtures.CATALOGUE, folder);
    }

    @ParameterizedTest
    @ValueSource(strings = {"identity", "gzip", "deflate", "br", "zstd", "gzip, br"})
    void refusalCarriesTheIdOfAnEncodedRequest(String coding) throws Exception {
        byte[] body = ContentEncoding.encode(coding, utf8(CALL));
        assertThat(refused(coding, body)).contains("\"id\":4711", "not sent");
    }

    @Test
    void codingsInTwoHeaderLinesAreOneList() throws Exception {
        byte[] body = ContentEncoding.encode("gzip, br", utf8(CALL));
        assertThat(refused("gzip\r\nContent-Encoding: br", body)).contains("\"id\":4711");
    }

    @Test
    void refusalOfABodyThatCannotBeDecodedHasNoId() throws Exception {
        assertThat(refused("gzip", utf8("no gzip"))).contains("\"id\":null", "not sent");
        assertThat(refused("x-odd", utf8(CALL))).contains("\"id\":null", "not sent");
    }

    @Test
    void refusalOfABodyOverTheLimitHasNoId() throws Exception {
        String large = CALL.replace("words", "words ".repeat(MAX_BODY / 5));
        assertThat(refused("identity", utf8(large))).contains("\"id\":null", "not sent");
    }

    @Test
    void refusalOfABodyThatExpandsTooFarHasNoId() throws Exception {
        byte[] bomb = ContentEncoding.encode("gzip", new byte[MAX_BODY * 8]);
        assertThat(refused("gzip", bomb)).contains("\"id\":null", "not sent");
    }

    private String refused(String coding, byte[] body) {
        AiService mcp =
                world.catalogue.services().stream()
                        .filter(s -> s.id().equals("mcp"))
                        .findFirst()
                        .orElseThrow();
        EmbeddedProxy proxy = EmbeddedProxy.opened(world, MAX_BODY, mcp, "mcp.test", 443);
        proxy.gate = (_, _) -> new Verdict.Refuse(EmbeddedProxy.REFUSAL);
        String head =
                "POST /mcp HTTP/1.1\r\nHost: mcp.test\r\n"
                        + "Accept: application/json, text/event-stream\r\n"
                        + "Content-Type: application/json\r\nContent-Encoding: "
                        + coding
                        + "\r\nContent-Length: "
                        + body.length
                        + "\r\n\r\n";
        proxy.send(join(utf8(head), body));
        assertThat(proxy.forwarded()).isEmpty();
        HttpText reply = HttpText.of(proxy.received());
        assertThat(reply.head()).startsWith("HTTP/1.1 200 ");
        assertThat(proxy.asked).hasSize(1);
        proxy.finish();
        return reply.body();
    }
}
