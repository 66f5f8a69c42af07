// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import static dev.chaperone.inspector.conn.ProxyHarness.answer;
import static dev.chaperone.inspector.conn.ProxyHarness.post;
import static dev.chaperone.inspector.conn.ProxyHarness.send;
import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.inspector.Verdict;
import dev.chaperone.model.prompt.ClientProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A decision knows the program that asks, also where finding it takes longer than to ask. */
class ConnectionOwnerTest {
    private static final ClientProcess CURL = new ClientProcess(7, 1000, "/usr/bin/curl");

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @SuppressWarnings("NullAway.Init") // set before each test
    private ProxyHarness proxy;

    private final List<ClientProcess> owners = new CopyOnWriteArrayList<>();
    private final CountDownLatch decided = new CountDownLatch(1);

    @BeforeEach
    void start() throws Exception {
        proxy = new ProxyHarness(folder, true, 64 << 10);
        proxy.gate =
                (exchange, _) -> {
                    owners.add(exchange.client());
                    decided.countDown();
                    return new Verdict.Forward();
                };
    }

    @AfterEach
    void stop() throws Exception {
        proxy.close();
    }

    @Test
    void decisionWaitsForASlowLookUp() throws Exception {
        proxy.processes = (_, _) -> afterTheDecisionOr(300);
        ask();
        assertThat(owners).containsExactly(CURL);
    }

    @Test
    void decisionDoesNotWaitForEver() throws Exception {
        proxy.processes = (_, _) -> afterTheDecisionOr(20_000);
        ask();
        assertThat(owners).containsExactly(ClientProcess.UNKNOWN);
    }

    @Test
    void lookUpThatFailsLeavesTheOwnerUnknown() throws Exception {
        proxy.processes =
                (_, _) -> {
                    throw new IllegalStateException("no /proc");
                };
        ask();
        assertThat(owners).containsExactly(ClientProcess.UNKNOWN);
    }

    /** Finds the owner once somebody decided without it, or after some milliseconds. */
    private ClientProcess afterTheDecisionOr(long millis) {
        try {
            var _ = decided.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return CURL;
    }

    private void ask() throws Exception {
        try (SSLSocket socket = proxy.open("chat.test")) {
            send(socket, post("{\"text\":\"hi\"}"));
            assertThat(answer(socket)).contains("200 OK");
        }
    }
}
