// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.pki.DeviceRoot;
import dev.chaperone.pki.Pem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Messages that are a header block and nothing else (RFC 9113 §8.1) are not left lying. */
class Http2BodylessTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "true, OPTIONS, /prompt",
        "true, DELETE, /elsewhere",
        "true, POST, /prompt",
        "false, OPTIONS, /prompt"
    })
    void requestAndAnswerWithoutABodyArriveAtOnce(boolean nativeEngines, String method, String path)
            throws Exception {
        DeviceRoot upstreamRoot = DeviceRoot.create("Upstream", Instant.now());
        DeviceRoot root = DeviceRoot.create("Chaperone", Instant.now());
        Path bundle =
                Files.writeString(folder.resolve("up.pem"), Pem.encode(upstreamRoot.certificate()));
        try (Http2Peers peers = new Http2Peers(upstreamRoot);
                ProxyHarness proxy = new ProxyHarness(nativeEngines, bundle, peers.port(), root)) {
            Http2Peers.Client client = peers.connect(proxy.proxy().address(), root.certificate());
            assertThat(client.bodyless(method, path).answer().get(5, TimeUnit.SECONDS))
                    .isEqualTo("204 ");
            client.close();
        }
    }
}
