// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import static dev.chaperone.inspector.conn.ProxyHarness.answer;
import static dev.chaperone.inspector.conn.ProxyHarness.post;
import static dev.chaperone.inspector.conn.ProxyHarness.send;
import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.prompt.ClientProcess;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A user who paused passes, nobody else does, and no longer than the pause. */
class PausedClientTest {
    private static final long ANN = 1000;
    private static final long BOB = 1001;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @SuppressWarnings("NullAway.Init") // set before each test
    private ProxyHarness proxy;

    @BeforeEach
    void start() throws Exception {
        proxy = new ProxyHarness(folder, true, 64 << 10);
        proxy.pausedUid = ANN;
        as(ANN);
    }

    @AfterEach
    void stop() throws Exception {
        proxy.close();
    }

    private void as(long uid) {
        proxy.processes = (_, _) -> new ClientProcess(7, uid, "/usr/bin/curl");
    }

    private String ask() throws Exception {
        try (SSLSocket socket = proxy.open("chat.test")) {
            send(socket, post("{\"text\":\"hi\"}"));
            assertThat(answer(socket)).contains("200 OK");
            return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
                    .getIssuerX500Principal()
                    .getName();
        }
    }

    @Test
    void passesUnopenedAndIsCounted() throws Exception {
        String theirs = ask();
        assertThat(proxy.decided).isEmpty();
        assertThat(proxy.passed).containsExactly("test-chat chat.test 1000");
        assertThat(proxy.proxy().counters()).containsEntry("paused", 1L);
        as(BOB);
        assertThat(ask()).isNotEqualTo(theirs);
        assertThat(proxy.decided).hasSize(1);
        assertThat(proxy.passed).hasSize(1);
    }

    @Test
    void whoCannotBeFoundIsInspected() throws Exception {
        proxy.processes = (_, _) -> ClientProcess.UNKNOWN;
        String ignored = ask();
        assertThat(proxy.decided).hasSize(1);
        assertThat(proxy.passed).isEmpty();
    }

    @Test
    void connectionEndsWithThePause() throws Exception {
        try (SSLSocket socket = proxy.open("chat.test")) {
            send(socket, post("{\"text\":\"hi\"}"));
            assertThat(answer(socket)).contains("200 OK");
            proxy.pausedUid = BOB;
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
        String ignored = ask();
        assertThat(proxy.decided).hasSize(1);
    }
}
